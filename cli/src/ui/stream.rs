//! The two output streams, real or captured.

use std::io::{self, IsTerminal, Write};

use super::paint::{ColorChoice, Paint};

/// Where stdout and stderr lead: the process' own, or buffers in a test.
pub struct Streams {
    pub(super) stdout: Sink,
    pub(super) stderr: Sink,
}

impl Streams {
    /// The process' own streams.
    pub fn of_process() -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let (out_terminal, err_terminal) = (stdout.is_terminal(), stderr.is_terminal());
        Streams {
            stdout: Sink::new(stdout, out_terminal),
            stderr: Sink::new(stderr, err_terminal),
        }
    }

    /// Streams that lead to two writers and count as no terminal.
    pub fn captured(stdout: impl Write + Send + 'static, stderr: impl Write + Send + 'static) -> Self {
        Streams {
            stdout: Sink::new(stdout, false),
            stderr: Sink::new(stderr, false),
        }
    }

    /// Whether clap's own texts on stdout and stderr are to be coloured.
    pub(crate) fn colored(&self, choice: ColorChoice) -> (bool, bool) {
        (self.stdout.colored(choice), self.stderr.colored(choice))
    }
}

/// One stream: the writer, whether it is a terminal, and whether its reader has gone.
pub(super) struct Sink {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
    paint: Paint,
    reader_gone: bool,
}

impl Sink {
    fn new(writer: impl Write + Send + 'static, is_terminal: bool) -> Self {
        Sink {
            writer: Box::new(writer),
            is_terminal,
            paint: Paint::new(false),
            reader_gone: false,
        }
    }

    pub(super) fn painted(mut self, choice: ColorChoice) -> Self {
        self.paint = Paint::new(self.colored(choice));
        self
    }

    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    fn colored(&self, choice: ColorChoice) -> bool {
        choice.resolve(self.is_terminal, |name| std::env::var(name).ok())
    }

    /// Writes and flushes. `ratectl … | head -1` must not end in an error, so a closed pipe only silences the stream.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.reader_gone {
            return Ok(());
        }
        match self.writer.write_all(bytes).and_then(|()| self.writer.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(())
            }
            written => written,
        }
    }

    /// As [`Sink::write`], for words whose loss must not stop the work; there is nowhere left to complain.
    pub(super) fn write_lossy(&mut self, bytes: &[u8]) {
        if self.write(bytes).is_err() {
            self.reader_gone = true;
        }
    }
}
