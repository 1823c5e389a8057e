//! Progress of a longer operation: one stream of the platform's events, rendered for whoever looks on.
//!
//! On a terminal lines move ([`terminal`]); in a log every step is a line ([`plain`]); a program gets the events as they are
//! ([`structured`]). Rendering has a thread of its own, so that a terminal that takes nothing holds up neither the work nor
//! its end.

mod folded;
mod plain;
mod running;
mod screen;
mod steps;
mod structured;
mod terminal;
mod words;

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;

use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use platform::event::{Event, Receiver};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use crate::{
    error::Error,
    exit::Exit,
    ui::{self, Output, Ui},
};
pub(crate) use running::{Running, run};

/// How often what moves is drawn again.
const TICK: Duration = Duration::from_millis(100);
/// How long the last words may take to be printed.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often the end looks whether they are.
const LOOK: Duration = Duration::from_millis(5);

/// One way to show events. Times are since the operation began.
trait Rendering: Send {
    /// Something happened.
    fn event(&mut self, event: Event, at: Duration);
    /// A sentence of our own.
    fn notice(&mut self, words: &str);
    /// Time has passed.
    fn tick(&mut self, at: Duration);
    /// Nothing comes any more; what moves is taken away.
    fn end(&mut self);
}

enum Said {
    Notice(String),
    End,
}

/// The rendering of one operation.
struct Progress {
    said_tx: mpsc::UnboundedSender<Said>,
    thread: thread::JoinHandle<()>,
}

impl Progress {
    /// Starts to render what `receiver` gets.
    fn start(ui: &Ui, receiver: Receiver) -> Result<Self, Error> {
        let rendering = rendering(ui);
        let (said_tx, said_rx) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| Error::new(Exit::Failure, "cannot start the event loop").caused_by(error))?;
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || runtime.block_on(render(rendering, receiver, said_rx)))
            .map_err(|error| Error::new(Exit::Failure, "cannot start a thread").caused_by(error))?;
        Ok(Progress { said_tx, thread })
    }

    /// Says a sentence above what moves.
    fn notice(&self, words: impl Into<String>) {
        // A rendering that has ended had its reason.
        drop(self.said_tx.send(Said::Notice(words.into())));
    }

    /// Waits until everything reported so far is shown and what moved is gone, but not for ever; says whether it is.
    fn finish(self) -> bool {
        drop(self.said_tx.send(Said::End));
        let until = Instant::now() + LAST_WORDS;
        while !self.thread.is_finished() && Instant::now() < until {
            thread::sleep(LOOK);
        }
        self.thread.is_finished()
    }
}

fn rendering(ui: &Ui) -> Box<dyn Rendering> {
    match ui.output() {
        Output::Json => Box::new(structured::Structured::new(ui.clone())),
        Output::Text if ui.can_animate() => Box::new(terminal::Terminal::new(ui.clone(), ui::terminal_size)),
        Output::Text => Box::new(plain::Plain::new(ui.clone())),
    }
}

/// Renders until told to end; then what has been reported already is shown still.
async fn render(
    mut rendering: Box<dyn Rendering>,
    mut receiver: Receiver,
    mut said_rx: mpsc::UnboundedReceiver<Said>,
) {
    let began = Instant::now();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reports = true;
    loop {
        tokio::select! {
            biased;
            // First, as what follows from a signal must not be told before it.
            said = said_rx.recv() => match said {
                Some(Said::Notice(words)) => rendering.notice(&words),
                Some(Said::End) | None => break,
            },
            event = receiver.recv(), if reports => match event {
                Some(event) => rendering.event(event, began.elapsed()),
                None => reports = false,
            },
            _ = ticks.tick() => rendering.tick(began.elapsed()),
        }
    }
    while let Some(Some(event)) = receiver.recv().now_or_never() {
        rendering.event(event, began.elapsed());
    }
    rendering.end();
}
