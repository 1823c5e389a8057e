//! A pseudo-terminal, read byte by byte.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use crate::error::Error;

/// Columns and rows of the terminal.
pub(crate) const SIZE: (u16, u16) = (120, 40);
/// How long what must come may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a frame begins with.
const FRAME: &[u8] = b"\x1b[?2026h";

/// The side of the terminal that a person sits at.
pub(crate) struct Screen {
    master: File,
    shown: vt100::Parser,
    /// Bytes that were written so far.
    pub(crate) bytes: u64,
    /// Frames that were begun so far.
    pub(crate) frames: u64,
}

impl Screen {
    /// A new terminal, and its other side.
    pub(crate) fn open() -> Result<(Self, OwnedFd), Error> {
        let cannot = |error: rustix::io::Errno| Error::io("open a pseudo-terminal")(error.into());
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).map_err(cannot)?;
        grantpt(&master).map_err(cannot)?;
        unlockpt(&master).map_err(cannot)?;
        let name = ptsname(&master, Vec::new()).map_err(cannot)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = open(name.as_c_str(), flags, Mode::empty()).map_err(cannot)?;
        let (ws_col, ws_row) = SIZE;
        let size = Winsize {
            ws_col,
            ws_row,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).map_err(cannot)?;
        let screen = Self {
            master: File::from(master),
            shown: vt100::Parser::default(),
            bytes: 0,
            frames: 0,
        };
        Ok((screen.sized(), slave))
    }

    fn sized(mut self) -> Self {
        let cells = |count: u16| std::num::NonZero::new(count).unwrap_or(std::num::NonZero::<u16>::MIN);
        self.shown = vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0);
        self
    }

    /// Types.
    pub(crate) fn type_keys(&mut self, keys: &str) -> Result<(), Error> {
        self.master
            .write_all(keys.as_bytes())
            .map_err(Error::io("write to the terminal"))
    }

    /// Waits until the screen shows `words`, and says how long that was.
    pub(crate) fn wait_for(&mut self, words: &str) -> Result<Duration, Error> {
        let begun = Instant::now();
        while !self.text().contains(words) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if left.is_zero() || !self.read(left)? {
                return Err(Error::NotShown {
                    what: words.to_owned(),
                    screen: self.text(),
                });
            }
        }
        Ok(begun.elapsed())
    }

    /// Takes what is written within `time`.
    pub(crate) fn watch(&mut self, time: Duration) -> Result<(), Error> {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.read(left)? {
                return Ok(());
            }
        }
    }

    /// What is shown.
    pub(crate) fn text(&self) -> String {
        self.shown.screen().contents()
    }

    /// Takes what is there, waiting for it no longer than `time`. Nothing comes any more: false.
    fn read(&mut self, time: Duration) -> Result<bool, Error> {
        let cannot = Error::io("read from the terminal");
        let time = Timespec::try_from(time).unwrap_or_default();
        match poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&time)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(true),
            Ok(_) => {}
            Err(error) => return Err(cannot(error.into())),
        }
        let mut bytes = [0; 16_384];
        // The other side is closed: EIO.
        let Ok(length) = self.master.read(&mut bytes) else {
            return Ok(false);
        };
        let bytes = &bytes[..length];
        self.bytes += bytes.len() as u64;
        self.frames += bytes
            .windows(FRAME.len())
            .filter(|window| *window == FRAME)
            .count() as u64;
        self.shown.process(bytes);
        Ok(length > 0)
    }
}

/// The ends of a program that has this terminal as its own.
pub(crate) fn end(slave: &OwnedFd) -> Result<Stdio, Error> {
    let end = slave
        .try_clone()
        .map_err(Error::io("share the pseudo-terminal"))?;
    Ok(Stdio::from(end))
}
