//! Requests from the work queue: answers them, waits out a database that is away for a moment, and writes the log.

use std::time::Duration;

use contract::envelope::{Reply, Request};
use contract::problem::Problem;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use runtime::nats::Delay;
use runtime::telemetry::trace::{TRACEPARENT, TraceContext};
use runtime::worker::{Context, Handler, Outcome};
use tokio::time::Instant;

use crate::api::{Api, NoAnswer};
use crate::metrics::RequestMetrics;
use crate::store::StoreError;

/// How long a request waits here for the database before it goes back to the queue. A delivery costs one of the few
/// that a message has, and while requests wait here no more are pulled.
const PATIENCE: Duration = Duration::from_secs(15);
/// Left of the deadline for an answer that says so.
const RESERVE: Duration = Duration::from_millis(250);
const TRY_AGAIN: Delay = Delay {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
};

/// The worker's handler.
#[derive(Debug)]
pub(crate) struct RatingHandler {
    pub(crate) api: Api,
    pub(crate) metrics: RequestMetrics,
}

impl Handler for RatingHandler {
    async fn handle(&self, request: Request, context: Context) -> Outcome {
        let started = Instant::now();
        let deadline = started + context.remaining().saturating_sub(RESERVE);
        let outcome = match self.answer(&request, deadline).await {
            Ok(reply) => Outcome::Reply(reply),
            Err(Failure {
                cause: NoAnswer::Store(error),
                ..
            }) if !error.is_transient() => broken(&request, &error),
            Err(Failure {
                cause,
                outcome_unknown: true,
            }) => lost(&request, &cause),
            Err(Failure { cause, .. }) => retry(&request, &cause),
        };
        let elapsed = started.elapsed();
        if let Outcome::Reply(reply) = &outcome {
            self.metrics.answered(&request, reply.status);
            log(&request, reply.status, elapsed);
        }
        outcome
    }
}

impl RatingHandler {
    /// Answers, trying again while there is time. An attempt whose commit was lost is settled by the next one: either its
    /// answer is stored or nothing is.
    async fn answer(&self, request: &Request, deadline: Instant) -> Result<Reply, Failure> {
        let patience = deadline.min(Instant::now() + PATIENCE);
        let (mut failures, mut outcome_unknown) = (0, false);
        loop {
            let cause = match self.attempt(request, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(cause) => cause,
            };
            failures += 1;
            outcome_unknown |= is_outcome_unknown(request, &cause);
            let next = Instant::now() + TRY_AGAIN.after(failures);
            if !cause.is_transient() || next >= patience {
                return Err(Failure {
                    cause,
                    outcome_unknown,
                });
            }
            tokio::time::sleep_until(next).await;
        }
    }

    /// What is not begun at the deadline is not begun at all: giving up takes a write out of the store's queue.
    async fn attempt(&self, request: &Request, deadline: Instant) -> Result<Reply, NoAnswer> {
        let answer = tokio::time::timeout_at(deadline, self.api.answer(request)).await;
        answer.unwrap_or(Err(NoAnswer::TooLate))
    }
}

fn is_outcome_unknown(request: &Request, cause: &NoAnswer) -> bool {
    match cause {
        NoAnswer::Store(error) => error.is_outcome_unknown(),
        NoAnswer::TooLate => !request.method.is_safe(),
        NoAnswer::InProgress => false,
    }
}

/// Why there is no answer after all attempts.
struct Failure {
    cause: NoAnswer,
    /// Whether one of the attempts may have had its effect.
    outcome_unknown: bool,
}

/// Another attempt would not help: the client is told, people read the log.
fn broken(request: &Request, error: &StoreError) -> Outcome {
    tracing::error!(RequestId = %request.id, RequestPath = %request.path, error = error.chain(), "cannot answer");
    let problem = Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error")
        .detail("the request could not be executed; its id helps to find out why")
        .request_id(request.id.to_string())
        .retryable(false);
    Outcome::Reply(problem.into_reply())
}

/// The database was lost while it committed, or is so slow that it may be committing: only the client can settle this,
/// with its key.
fn lost(request: &Request, cause: &NoAnswer) -> Outcome {
    tracing::error!(RequestId = %request.id, RequestPath = %request.path, error = explain(cause), "outcome unknown");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Database away")
        .detail("the database did not confirm the change in time; repeat it with the same Idempotency-Key, or look whether it happened")
        .request_id(request.id.to_string())
        .retryable(true)
        .outcome_unknown();
    let mut reply = problem.into_reply();
    reply.headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    Outcome::Reply(reply)
}

fn explain(cause: &NoAnswer) -> String {
    match cause {
        NoAnswer::Store(error) => error.chain(),
        NoAnswer::InProgress | NoAnswer::TooLate => cause.to_string(),
    }
}

fn retry(request: &Request, cause: &NoAnswer) -> Outcome {
    let reason = explain(cause);
    tracing::warn!(RequestId = %request.id, RequestPath = %request.path, reason, "trying again later");
    Outcome::Retry { reason, after: None }
}

/// One line a request, with its id, as the proxy writes one; its level says whose doing the answer is.
fn log(request: &Request, status: StatusCode, elapsed: Duration) {
    let milliseconds = elapsed.as_secs_f64() * 1_000.0;
    match status.as_u16() {
        500.. => log_failed(request, status, milliseconds),
        400.. => log_refused(request, status, milliseconds),
        _ => log_served(request, status, milliseconds),
    }
}

/// The trace the request belongs to, if its caller says so.
fn trace_id(request: &Request) -> Option<String> {
    let caller: TraceContext = request.headers.get(TRACEPARENT)?.to_str().ok()?.parse().ok()?;
    Some(caller.trace_id())
}

macro_rules! line {
    ($name:ident, $level:ident) => {
        fn $name(request: &Request, status: StatusCode, milliseconds: f64) {
            tracing::$level!(
                Elapsed = milliseconds,
                RequestId = %request.id,
                RequestMethod = %request.method,
                RequestPath = %request.path,
                StatusCode = status.as_u16(),
                TraceId = trace_id(request),
                "request answered"
            );
        }
    };
}

line!(log_failed, error);
line!(log_refused, info);
line!(log_served, info);
