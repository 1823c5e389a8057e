//! One run of the handler: kept alive at the server, bounded in time, with panics caught.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use contract::envelope::Request;
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Task;
use crate::service::{Part, Route};
use crate::worker::acknowledgement::Acknowledgement;
use crate::worker::{Context, Handler, Outcome};

/// The shortest time between two in-progress acknowledgements.
const SHORTEST_BEAT: Duration = Duration::from_millis(50);

/// How a run of the handler ended.
pub(super) enum Ended {
    /// By itself.
    Outcome(Outcome),
    /// With this panic message.
    Panicked(String),
    /// Dropped at the limit of the settings.
    TooLong,
    /// Dropped because the worker stops.
    Abandoned,
}

impl<H: Handler> Task<H> {
    /// Runs the handler.
    pub(super) async fn attempt(&self, request: Request, context: Context, route: &Route) -> Ended {
        let shared = &*self.shared;
        let started = Instant::now();
        // A handler is shared by all requests, so it has to live with a panic of one of them anyway.
        let run = AssertUnwindSafe(async { shared.handler.handle(request, context).await }).catch_unwind();
        let bounded = async {
            tokio::select! {
                biased;
                ended = run => ended.map_or_else(|panic| Ended::Panicked(message(&*panic)), Ended::Outcome),
                () = shared.abandon.cancelled() => Ended::Abandoned,
                () = tokio::time::sleep(shared.settings.handler_limit) => Ended::TooLong,
            }
        };
        let ended = self.in_progress_during(bounded).await;
        let elapsed = started.elapsed();
        shared.metrics.handler_duration.observe(elapsed);
        route.observe(Part::Work, elapsed);
        ended
    }

    /// Drives `work` and tells the server now and then that the message is being worked on.
    pub(super) async fn in_progress_during<F: Future>(&self, work: F) -> F::Output {
        let period = (self.found.ack_wait / 3).max(SHORTEST_BEAT);
        let mut work = pin!(work);
        // Most work is done at its first poll or soon after; the timer is only registered when it is not.
        let mut beat = pin!(tokio::time::sleep(period));
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                () = &mut beat => {
                    self.say_in_progress().await;
                    beat.as_mut().reset(Instant::now() + period);
                }
            }
        }
    }

    async fn say_in_progress(&self) {
        let connection = &self.shared.connection;
        // Without a connection this would wait for one, and the work with it.
        if connection.is_connected()
            && let Err(error) = Acknowledgement::InProgress
                .send(connection.client(), &self.ack)
                .await
        {
            tracing::warn!(%error, "cannot tell the server that a request is in progress");
        }
    }
}

/// What a panic says.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
