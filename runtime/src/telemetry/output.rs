//! The thread that writes log lines, so that no request waits for whoever reads them.

use std::{
    fmt, io,
    io::Write,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Lines that come within this time are written together: a thread switch a line would cost more than the line.
const BATCH: Duration = Duration::from_millis(5);
/// What may wait for a reader that does not read.
const CAPACITY: usize = 8 * 1024 * 1024;
/// How long a flush waits for such a reader.
const FLUSH: Duration = Duration::from_secs(2);

/// Where log lines go. Clones are the same output.
#[derive(Clone)]
pub struct Output(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// writer thread: something to do
    work: Condvar,
    /// flushers: everything is written
    done: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    dropped: u64,
    writer: Writer,
    is_hurried: bool,
    is_closed: bool,
}

/// What the thread does.
#[derive(Default, PartialEq, Eq)]
enum Writer {
    /// Collecting a batch, or about to look for one.
    #[default]
    Collecting,
    /// Waiting to be woken.
    Sleeping,
    Writing,
}

impl Output {
    /// Starts the thread that writes to `sink`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
        });
        let writer = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_on(sink))?;
        Ok(Self(shared))
    }

    /// Queues one line, with its line end.
    pub(super) fn line(&self, line: &str) {
        let mut state = self.0.lock();
        if state.is_closed {
            return;
        }
        if state.waiting.len() + line.len() > CAPACITY {
            state.dropped += 1;
            return;
        }
        state.waiting.extend_from_slice(line.as_bytes());
        if state.writer == Writer::Sleeping {
            state.writer = Writer::Collecting;
            self.0.work.notify_one();
        }
    }

    /// Waits until every line so far is written (two seconds at most).
    pub fn flush(&self) {
        let mut state = self.0.lock();
        state.is_hurried = true;
        self.0.work.notify_one();
        let is_busy = |state: &mut State| !state.waiting.is_empty() || state.writer == Writer::Writing;
        drop(self.0.done.wait_timeout_while(state, FLUSH, is_busy));
    }

    /// Writes what is waiting and ends the thread; later lines are lost.
    pub fn close(&self) {
        self.flush();
        self.0.lock().is_closed = true;
        self.0.work.notify_one();
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves at worst half a line.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_on(&self, mut sink: impl Write) {
        let mut batch = Vec::new();
        loop {
            let dropped = {
                let mut state = self.lock();
                while state.waiting.is_empty() && state.dropped == 0 {
                    state.is_hurried = false;
                    self.done.notify_all();
                    if state.is_closed {
                        return;
                    }
                    state.writer = Writer::Sleeping;
                    state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                if !state.is_hurried {
                    let waited = self
                        .work
                        .wait_timeout_while(state, BATCH, |state| !state.is_hurried);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                std::mem::swap(&mut batch, &mut state.waiting);
                state.writer = Writer::Writing;
                std::mem::take(&mut state.dropped)
            };
            if dropped > 0 {
                let _written = writeln!(
                    batch,
                    "{{\"level\":\"WARN\",\"message\":\"log lines dropped\",\"dropped\":{dropped}}}"
                );
            }
            // Nobody is left to tell when standard error is gone.
            let _written = sink.write_all(&batch).and_then(|()| sink.flush());
            batch.clear();
            self.lock().writer = Writer::Collecting;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A sink that takes nothing until it is told to.
    struct Stuck {
        go_rx: mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Once the sender is gone everything is taken.
            let _told = self.go_rx.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_stuck_costs_lines_and_their_number_is_told() {
        let (go_tx, go_rx) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let output = Output::start(Stuck {
            go_rx,
            written: Arc::clone(&written),
        })
        .unwrap();
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..3 * CAPACITY / line.len() {
            output.line(&line);
        }
        drop(go_tx);
        output.flush();
        output.close();
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let (lines, reports): (Vec<&str>, Vec<&str>) =
            written.lines().partition(|line| line.starts_with('x'));
        let dropped: u64 = reports
            .iter()
            .map(|report| {
                serde_json::from_str::<serde_json::Value>(report).unwrap()["dropped"]
                    .as_u64()
                    .unwrap()
            })
            .sum();
        assert_eq!(lines.len() as u64 + dropped, (3 * CAPACITY / line.len()) as u64);
        assert!(dropped > 0);
    }
}
