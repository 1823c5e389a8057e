//! Printing away from the work: a terminal or pipe that takes nothing must not keep a system from running or stopping.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
    mpsc::{self, TrySendError},
};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    line::{Line, Margin, Shown},
    ready::Ready,
};
use crate::{error::Error, ui::Ui};

/// Lines that may wait to be printed; more are counted instead of kept.
const WAITING_LINES: usize = 16_384;

/// How long a component's line waits for room before the reader counts as stuck.
const PATIENCE: Duration = Duration::from_millis(100);

/// How often a wait looks again.
const LOOK: Duration = Duration::from_millis(5);

/// What can be printed.
pub(super) enum Said {
    /// A line on stderr.
    Line(Line),
    /// Nothing; whoever holds the other end learns that all before it is printed.
    Mark(mpsc::Sender<()>),
    /// How it ended, if badly.
    Error(Error),
    /// Nothing comes after this.
    End,
}

/// The mouth of a session: writes in a thread of its own.
pub(super) struct Printer {
    voice: Voice,
    thread: thread::JoinHandle<()>,
}

/// A way to say things from anywhere without ever waiting.
#[derive(Clone)]
pub(super) struct Voice {
    said_tx: mpsc::SyncSender<Said>,
    /// Lines nobody will see, since the last one that was printed.
    unsaid: Arc<AtomicU64>,
    /// Whether waiting has been in vain.
    stuck: Arc<AtomicBool>,
    /// Writes the announcement.
    announcing: Arc<Mutex<Option<thread::JoinHandle<()>>>>,
    ui: Ui,
}

impl Printer {
    /// Starts printing.
    pub(super) fn start(ui: Ui, margin: Margin) -> Self {
        let (said_tx, said_rx) = mpsc::sync_channel(WAITING_LINES);
        let unsaid = Arc::new(AtomicU64::new(0));
        let voice = Voice {
            said_tx,
            unsaid: Arc::clone(&unsaid),
            stuck: Arc::default(),
            announcing: Arc::default(),
            ui: ui.clone(),
        };
        let thread = thread::spawn(move || {
            for said in said_rx {
                let missing = unsaid.swap(0, Ordering::Relaxed);
                if missing > 0 {
                    let message =
                        format!("{missing} lines are missing here, because output is too slow to take them");
                    print(&ui, &margin, Said::Line(Line::Warning { message }));
                }
                if matches!(said, Said::End) {
                    return;
                }
                print(&ui, &margin, said);
            }
        });
        Printer { voice, thread }
    }

    /// A voice that leads here.
    pub(super) fn voice(&self) -> Voice {
        self.voice.clone()
    }

    /// Waits until everything said so far is printed, but no longer than `patience`: a reader that takes nothing must not
    /// hold up the end of the program.
    pub(super) fn finish(self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut end = Some(Said::End);
        while Instant::now() < until && !(self.thread.is_finished() && self.voice.has_announced()) {
            if let Some(said) = end.take()
                && let Err(TrySendError::Full(said)) = self.voice.said_tx.try_send(said)
            {
                end = Some(said);
            }
            thread::sleep(LOOK);
        }
    }
}

impl Voice {
    /// Writes the announcement to stdout, after what has been said so far unless that takes long: a script that reads only
    /// stdout must get it even when nobody reads stderr.
    pub(super) fn announce(&self, ready: Ready) {
        let (mark_tx, mark_rx) = mpsc::channel();
        self.say(Said::Mark(mark_tx));
        let ui = self.ui.clone();
        let writing = thread::spawn(move || {
            // In vain or not, now it is time.
            let _ = mark_rx.recv_timeout(PATIENCE);
            if let Err(error) = ui.result(&ready) {
                ui.error(&error);
            }
        });
        *self.announcing.lock().unwrap_or_else(PoisonError::into_inner) = Some(writing);
    }

    fn has_announced(&self) -> bool {
        let writing = self.announcing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.as_ref().is_none_or(thread::JoinHandle::is_finished)
    }

    /// Says something. When too much waits already, log lines are only counted.
    pub(super) fn say(&self, said: Said) {
        if let Err(TrySendError::Full(_)) = self.said_tx.try_send(said) {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Says a line of a component's output. A slow reader slows the component down; one that takes nothing at all does
    /// not stop it: then lines are counted until the reader takes some again.
    pub(super) async fn line_in_time(&self, line: Line) {
        let mut said = Said::Line(line);
        let until = Instant::now() + PATIENCE;
        loop {
            match self.said_tx.try_send(said) {
                Err(TrySendError::Full(full))
                    if !self.stuck.load(Ordering::Relaxed) && Instant::now() < until =>
                {
                    said = full;
                    tokio::time::sleep(LOOK).await;
                }
                Err(TrySendError::Full(_)) => {
                    self.stuck.store(true, Ordering::Relaxed);
                    self.unsaid.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(()) | Err(TrySendError::Disconnected(_)) => {
                    self.stuck.store(false, Ordering::Relaxed);
                    return;
                }
            }
        }
    }

    /// Says a line.
    pub(super) fn line(&self, line: Line) {
        self.say(Said::Line(line));
    }

    /// Says a sentence about the system as a whole.
    pub(super) fn status(&self, message: impl Into<String>) {
        self.line(Line::Status {
            message: message.into(),
        });
    }
}

fn print(ui: &Ui, margin: &Margin, said: Said) {
    match said {
        Said::Line(line @ Line::Warning { .. }) => ui.notice(&Shown { line: &line, margin }),
        Said::Line(line) => ui.event(&Shown { line: &line, margin }),
        Said::Error(error) => ui.error(&error),
        // A mark that nobody waits for any more is no loss.
        Said::Mark(mark_tx) => drop(mark_tx.send(())),
        Said::End => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::*;
    use crate::ui::{Manner, Streams};

    /// A reader that takes nothing until it is let go.
    #[derive(Clone, Default)]
    struct Gate {
        shut: Arc<Mutex<()>>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.shut.lock().unwrap());
            self.taken.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printer(gate: &Gate) -> Printer {
        let ui = Ui::new(Streams::captured(io::sink(), gate.clone()), Manner::default());
        Printer::start(ui, Margin::new(Vec::new()))
    }

    #[test]
    fn everything_said_is_printed_before_the_end() {
        let gate = Gate::default();
        let printer = printer(&gate);
        for n in 0..100 {
            printer.voice().status(format!("line {n}"));
        }
        printer.finish(Duration::from_mins(1));
        let text = String::from_utf8(gate.taken.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 100);
        assert!(text.ends_with("ratectl | line 99\n"), "{text}");
    }

    #[test]
    fn a_stuck_reader_holds_up_neither_the_speakers_nor_the_end() {
        let gate = Gate::default();
        let shut = gate.shut.lock().unwrap();
        let printer = printer(&gate);
        let voice = printer.voice();
        for _ in 0..WAITING_LINES + 50 {
            voice.status("x");
        }
        assert!(voice.unsaid.load(Ordering::Relaxed) >= 49);
        printer.finish(Duration::from_millis(20));
        drop(shut);
    }
}
