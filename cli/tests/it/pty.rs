//! A pseudo-terminal, and a program that has it as its own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

/// How long to wait for what must happen, on however busy a machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A terminal as a person has it: a keyboard, a screen, and a program.
pub(crate) struct Terminal {
    /// The side of the terminal; dropped, it hangs up.
    master: Option<Arc<File>>,
    /// The side of programs, kept open so that its modes can be asked for when the program is gone.
    slave: OwnedFd,
    child: Child,
    bytes: Receiver<Vec<u8>>,
    /// Everything that was written.
    pub(crate) written: Vec<u8>,
    screen: vt100::Parser,
}

impl Terminal {
    /// Runs `command` on a terminal of so many columns and rows, which is its controlling one.
    pub(crate) fn start(command: &Command, (columns, rows): (u16, u16)) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = open(
            name.as_c_str(),
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .unwrap();
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        // A session of its own whose terminal this is; and a shell that starts the program as a job.
        let mut session = Command::new("setsid");
        session
            .args(["--ctty", "--wait"])
            .arg(command.get_program())
            .args(command.get_args());
        session.env_clear().envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        session.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        session.current_dir(command.get_current_dir().unwrap());
        let child = session.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let master = Arc::new(File::from(master));
        let bytes = read(Arc::downgrade(&master));
        Terminal {
            master: Some(master),
            slave,
            child,
            bytes,
            written: Vec::new(),
            screen: vt100::Parser::new(cells(rows), cells(columns), 0),
        }
    }

    /// Types.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        let mut master: &File = self.master.as_ref().unwrap();
        master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows `words`.
    pub(crate) fn wait_for(&mut self, words: &str) {
        self.wait_until(words, |terminal| terminal.text().contains(words));
    }

    /// Waits until `words` have been written, on the screen or beside it.
    pub(crate) fn wait_for_bytes(&mut self, words: &[u8]) {
        let what = String::from_utf8_lossy(words).escape_debug().to_string();
        self.wait_until(&what, |terminal| terminal.has_written(words));
    }

    fn wait_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !done(self) {
            let left = until.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("{what:?} does not come:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("{what:?} did not come:\n{}", self.text()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.written.extend_from_slice(bytes);
    }

    /// What the screen shows.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Whether these bytes were written in a row.
    pub(crate) fn has_written(&self, bytes: &[u8]) -> bool {
        self.written.windows(bytes.len()).any(|window| window == bytes)
    }

    /// Bytes that come within `time`.
    pub(crate) fn bytes_within(&mut self, time: Duration) -> Vec<u8> {
        let until = Instant::now() + time;
        let mut all = Vec::new();
        while let Ok(bytes) = self
            .bytes
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.take(&bytes);
            all.extend(bytes);
        }
        all
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        self.screen.set_size(cells(rows), cells(columns));
        tcsetwinsize(&self.slave, size).unwrap();
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, name: &str) {
        let program = self.program();
        let status = Command::new("kill")
            .args(["-s", name, &program])
            .status()
            .unwrap();
        assert!(status.success(), "kill -s {name} {program}");
    }

    /// The process of the program: the only child of what made the session.
    pub(crate) fn program(&self) -> String {
        let parent = self.child.id();
        let children =
            std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        // Without a fork in between it is the child itself.
        children
            .split_whitespace()
            .next()
            .map_or_else(|| parent.to_string(), str::to_owned)
    }

    /// Whether the terminal waits for whole lines and shows what is typed, as shells expect it.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.slave).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Closes the terminal, as a window does.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    /// Waits for the end and returns how it was.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            while let Ok(bytes) = self.bytes.try_recv() {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                self.bytes_within(Duration::from_millis(50));
                return status;
            }
            assert!(Instant::now() < until, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// Reads as long as somebody else has the terminal too: a read that waits would keep it open.
fn read(master: Weak<File>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    let moment = Timespec::try_from(Duration::from_millis(50)).unwrap();
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Some(master) = master.upgrade() {
            if poll(&mut [PollFd::new(&master, PollFlags::IN)], Some(&moment)) == Ok(0) {
                continue;
            }
            match (&*master).read(&mut bytes) {
                Ok(length) if length > 0 && sender.send(bytes[..length].to_vec()).is_ok() => {}
                _ => break,
            }
        }
    });
    receiver
}
