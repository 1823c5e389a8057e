//! An operation with progress that Ctrl-C ends in two steps: the first asks it to stop, the second leaves at once.

use platform::event::{self, Events};
use tokio_util::sync::CancellationToken;

use super::Progress;
use crate::{error::Error, exit::Exit, signals::Signals, ui::Ui};

/// What an operation gets to work with.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// Where it reports.
    pub(crate) events: Events,
    /// Cancelled by the first Ctrl-C; the operation then ends as soon as it has cleaned up.
    pub(crate) cancel: CancellationToken,
}

/// How an operation ended.
enum Ending<T> {
    /// By itself.
    Finished(Result<T, Error>),
    /// After a first signal; it has cleaned up.
    Stopped(Exit, Result<T, Error>),
    /// A second signal did not let it.
    Left(Exit),
}

/// Runs `work` to its end and has `show` print its result. `on_signal` says what the first Ctrl-C does.
pub(crate) fn run<T>(
    ui: &Ui,
    on_signal: &str,
    work: impl AsyncFnOnce(Running) -> Result<T, Error>,
    show: impl FnOnce(&T) -> Result<(), Error>,
) -> Result<Exit, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Failure, "cannot start the event loop").caused_by(error))?;
    let (events, receiver) = event::channel();
    let progress = Progress::start(ui, receiver)?;
    let ending = runtime.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error))?;
        let first = || progress.notice(on_signal);
        Ok::<_, Error>(until_the_end(async || signals.next().await, first, events, work).await)
    });
    // Whatever still waits (a name to be resolved, a file to be read) is of no use any more.
    runtime.shutdown_background();
    let heard = progress.finish();
    match ending? {
        Ending::Finished(outcome) => {
            show(&outcome?)?;
            Ok(Exit::Success)
        }
        // Too late to stop: the result is there, and whoever wanted to stop learns that by the exit code.
        Ending::Stopped(exit, Ok(result)) => show(&result).map(|()| exit),
        Ending::Stopped(exit, Err(error)) => {
            // That it was cancelled is no news; what could not be cleaned up is.
            if error.exit() != Exit::Interrupted {
                ui.error(&error);
            }
            Ok(exit)
        }
        Ending::Left(exit) => {
            // A terminal that takes nothing must not hold up somebody who has asked twice.
            if heard {
                ui.warn("left at once; the same command again finds what is there and goes on from it");
            }
            Ok(exit)
        }
    }
}

/// Runs `work`; the first signal is announced by `on_first` and asks it to stop, the second does not wait for that.
async fn until_the_end<T>(
    mut signal: impl AsyncFnMut() -> Exit,
    on_first: impl FnOnce(),
    events: Events,
    work: impl AsyncFnOnce(Running) -> Result<T, Error>,
) -> Ending<T> {
    let cancel = CancellationToken::new();
    let running = Running {
        events,
        cancel: cancel.clone(),
    };
    let mut working = std::pin::pin!(work(running));
    let exit = tokio::select! {
        outcome = &mut working => return Ending::Finished(outcome),
        exit = signal() => exit,
    };
    on_first();
    cancel.cancel();
    tokio::select! {
        outcome = &mut working => Ending::Stopped(exit, outcome),
        exit = signal() => Ending::Left(exit),
    }
}

#[cfg(test)]
mod tests {
    use platform::event;
    use tokio::sync::mpsc;

    use super::*;

    /// How it ends when so many signals come, and whether the first was announced.
    async fn ending<T>(
        signals: usize,
        work: impl AsyncFnOnce(Running) -> Result<T, Error>,
    ) -> (Ending<T>, bool) {
        let (signal_tx, mut signal_rx) = mpsc::channel(2);
        for _ in 0..signals {
            signal_tx.send(Exit::Interrupted).await.unwrap();
        }
        let mut announced = false;
        let signal = async || match signal_rx.recv().await {
            Some(exit) => exit,
            None => std::future::pending().await,
        };
        let (events, _receiver) = event::channel();
        let ending = until_the_end(signal, || announced = true, events, work).await;
        drop(signal_tx);
        (ending, announced)
    }

    #[tokio::test]
    async fn without_a_signal_the_work_goes_to_its_end() {
        let (ending, announced) = ending(0, async |_| Ok(7)).await;
        assert!(matches!(ending, Ending::Finished(Ok(7))) && !announced);
    }

    #[tokio::test]
    async fn the_first_signal_is_announced_and_the_work_may_clean_up() {
        let (ending, announced) = ending(1, async |running: Running| {
            running.cancel.cancelled().await;
            Err::<(), _>(Error::new(Exit::Failure, "cannot remove everything"))
        })
        .await;
        let Ending::Stopped(Exit::Interrupted, Err(error)) = ending else {
            panic!("it did not stop")
        };
        assert_eq!(
            (error.to_string().as_str(), announced),
            ("cannot remove everything", true)
        );
    }

    #[tokio::test]
    async fn the_second_signal_waits_for_nothing() {
        let (ending, _) = ending(2, async |_| std::future::pending::<Result<(), Error>>().await).await;
        assert!(matches!(ending, Ending::Left(Exit::Interrupted)));
    }

    #[tokio::test]
    async fn work_that_is_done_when_the_signal_comes_is_done() {
        let (ending, announced) = ending(1, async |running: Running| {
            running.cancel.cancelled().await;
            Ok(7)
        })
        .await;
        assert!(matches!(ending, Ending::Stopped(_, Ok(7))) && announced);
    }
}
