//! What a service implements, what it is told, and what it may answer.

use std::future::Future;
use std::time::Duration;

use contract::envelope::{Reply, Request};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Handles requests; one value for all of them, called for many at once.
///
/// A request may come again after its effect is done (the process died before the acknowledgement): a handler that
/// changes something must recognise it by [`Request::id`] or an idempotency key, in the transaction of its effect.
pub trait Handler: Send + Sync + 'static {
    /// Handles one request. A panic counts as [`Outcome::Retry`]. The future is dropped when it runs longer than the
    /// settings allow and when a stop does not wait for it.
    fn handle(&self, request: Request, context: Context) -> impl Future<Output = Outcome> + Send;
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Answer with this; also for errors that another attempt would not cure.
    Reply(Reply),
    /// Nothing has changed and another attempt may succeed: the request is delivered again if its deadline allows,
    /// otherwise the client gets 503.
    Retry {
        /// Why this attempt failed; for logs and dead letters.
        reason: String,
        /// When to try again; by default soon at first, later with each attempt.
        after: Option<Duration>,
    },
    /// No attempt can ever succeed, and a person should look at it: the client gets 502, the message goes to the
    /// dead letters.
    Poison {
        /// What is wrong with it.
        reason: String,
    },
}

/// What a handler knows about a delivery besides the request.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) stream_sequence: u64,
    pub(super) delivered: u64,
    pub(super) deadline: Instant,
    pub(super) abandon: CancellationToken,
}

impl Context {
    /// For tests of a handler without a stream: first delivery, nobody cancels.
    pub fn detached(remaining: Duration) -> Self {
        Self {
            stream_sequence: 1,
            delivered: 1,
            deadline: Instant::now() + remaining,
            abandon: CancellationToken::new(),
        }
    }

    /// The message's sequence in its stream.
    pub fn stream_sequence(&self) -> u64 {
        self.stream_sequence
    }

    /// How often the request has been delivered, this time included.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// When nobody waits for the answer any more.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long somebody will still wait; zero when nobody does.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Resolves at the deadline, or when the worker abandons its handlers.
    pub async fn cancelled(&self) {
        tokio::select! {
            () = self.abandon.cancelled() => {}
            () = tokio::time::sleep_until(self.deadline) => {}
        }
    }
}
