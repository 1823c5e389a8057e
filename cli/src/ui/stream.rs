//! The two output streams, real or captured.

use std::io::{self, IsTerminal, Write};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::ci::Host;
use super::paint::{ColorChoice, Paint};

/// Where stdout and stderr lead: the process' own, or buffers in a test.
pub struct Streams {
    pub(super) stdout: Sink,
    pub(super) stderr: Sink,
    pub(super) host: Option<Host>,
}

impl Streams {
    /// The process' own streams.
    pub fn of_process() -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let (out_terminal, err_terminal) = (stdout.is_terminal(), stderr.is_terminal());
        Streams {
            stdout: Sink::new(stdout, out_terminal),
            stderr: Sink::new(stderr, err_terminal),
            host: Host::detect(|name| std::env::var(name).ok()),
        }
    }

    /// Streams that lead to two writers and count as no terminal.
    pub fn captured(stdout: impl Write + Send + 'static, stderr: impl Write + Send + 'static) -> Self {
        Streams {
            stdout: Sink::new(stdout, false),
            stderr: Sink::new(stderr, false),
            host: None,
        }
    }

    /// The same, read by this CI system.
    #[cfg(test)]
    pub(crate) fn read_by(mut self, host: Host) -> Self {
        self.host = Some(host);
        self
    }

    /// Whether clap's own texts on stdout and stderr are to be coloured.
    pub(crate) fn colored(&self, choice: ColorChoice) -> (bool, bool) {
        (self.stdout.colored(choice), self.stderr.colored(choice))
    }
}

/// One stream: the writer, whether it is a terminal, and whether its reader has gone.
#[derive(Clone)]
pub(super) struct Sink {
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    reader_gone: Arc<AtomicBool>,
    is_terminal: bool,
    paint: Paint,
}

impl Sink {
    fn new(writer: impl Write + Send + 'static, is_terminal: bool) -> Self {
        let writer = Arc::new(Mutex::new(Box::new(writer) as Box<dyn Write + Send>));
        Sink {
            writer,
            reader_gone: Arc::default(),
            is_terminal,
            paint: Paint::new(false),
        }
    }

    pub(super) fn painted(mut self, choice: ColorChoice) -> Self {
        self.paint = Paint::new(self.colored(choice));
        self
    }

    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    /// Whether somebody still reads.
    pub(super) fn has_reader(&self) -> bool {
        !self.reader_gone.load(Ordering::Relaxed)
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    fn colored(&self, choice: ColorChoice) -> bool {
        choice.resolve(self.is_terminal, |name| std::env::var(name).ok())
    }

    /// Writes and flushes. `ratectl … | head -1` must not end in an error, so a closed pipe only silences the stream.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        if self.reader_gone.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.write_all(bytes).and_then(|()| writer.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone.store(true, Ordering::Relaxed);
                Ok(())
            }
            written => written,
        }
    }

    /// As [`Sink::write`], for words whose loss must not stop the work; there is nowhere left to complain.
    pub(super) fn write_lossy(&self, bytes: &[u8]) {
        if self.write(bytes).is_err() {
            self.reader_gone.store(true, Ordering::Relaxed);
        }
    }
}
