//! One delivered message, from the server to its acknowledgement.

mod attempt;

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Message, Subject};
use contract::envelope::{self, Reply, Request};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use tokio::time::Instant;

use super::acknowledgement::Acknowledgement;
use super::answer::{self, Recipient};
use super::consumer::Found;
use super::settings::TRY_AGAIN;
use super::slots::Slot;
use super::{Context, Delivery, Handler, Outcome, Shared, Stage, dead};
use crate::nats::{Incoming, Stamp};
use crate::service::{Ended as End, Part, Route};
use crate::telemetry::sentence;

use attempt::Ended;

/// A message being worked on. Its slot is free again when this is gone.
pub(super) struct Task<H> {
    shared: Arc<Shared<H>>,
    found: Found,
    message: Message,
    /// Where acknowledgements go; also holds the stamp.
    ack: Subject,
    _slot: Slot,
}

/// Whether an attempt without an answer may have had its effect all the same.
#[derive(Clone, Copy)]
enum Effect {
    /// The handler says that it had none.
    None,
    /// Nobody can tell: it panicked, or was cut off.
    Unknown,
}

/// What is known of a request besides its content, which the handler has.
struct Known<'a> {
    delivery: Delivery,
    recipient: Recipient,
    deadline: Instant,
    route: &'a Route,
}

impl<H: Handler> Task<H> {
    /// `None` if the message did not come from a consumer.
    pub(super) fn new(shared: &Arc<Shared<H>>, found: Found, message: Message) -> Option<Self> {
        let ack = message
            .reply
            .clone()
            .filter(|subject| Stamp::parse(subject).is_some())?;
        let slot = shared.slots.take();
        Some(Self {
            shared: Arc::clone(shared),
            found,
            message,
            ack,
            _slot: slot,
        })
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp::parse(&self.ack).expect("a task is only made of a message with a stamp")
    }

    /// Does everything there is to do with the message.
    pub(super) async fn run(self) {
        let stamp = self.stamp();
        let (payload, headers) = (
            self.message.payload.clone(),
            Incoming(self.message.headers.as_ref()),
        );
        let decoded = envelope::decode_request(&self.shared.codec, &self.message.subject, &headers, payload);
        let request = match decoded {
            Ok(request) => request,
            Err(error) => {
                let recipient = Recipient::guess(self.message.headers.as_ref(), &self.message.payload);
                let reason = sentence(&error);
                let end = self
                    .poison(recipient.as_ref(), StatusCode::BAD_REQUEST, &reason)
                    .await;
                return self.shared.routes.other().count(end);
            }
        };
        let timeout = request.timeout.unwrap_or(self.shared.settings.default_timeout);
        let known = Known {
            delivery: Delivery {
                id: request.id,
                stream_sequence: stamp.stream_sequence,
                delivered: stamp.delivered,
            },
            recipient: Recipient::of(&request),
            deadline: self.found.clock.deadline(stamp.stored_unix_nanos, timeout),
            route: self
                .shared
                .routes
                .of(&self.message.subject, request.path.segments().len()),
        };
        if known.deadline <= Instant::now() {
            self.shared.metrics.expired.inc();
            known.route.count(End::Expired);
            tracing::info!(request_id = %request.id, "not handled: nobody waits for the answer any more");
            return self
                .acknowledge(Acknowledgement::Terminated("expired".to_owned()))
                .await;
        }
        if stamp.delivered > self.attempts() {
            let reason = format!(
                "{} deliveries ended without a word from the worker",
                stamp.delivered - 1
            );
            let end = self
                .poison(Some(&known.recipient), StatusCode::BAD_GATEWAY, &reason)
                .await;
            return known.route.count(end);
        }
        // Later deliveries have waited for an attempt, not for a worker.
        if stamp.delivered == 1 {
            let waited = self.found.clock.since(stamp.stored_unix_nanos);
            known.route.observe(Part::Queue, waited);
        }
        known.route.begin();
        let end = self.handle(request, &known).await;
        known.route.end(end);
    }

    /// How many deliveries may be handled: one less than there are, so that the last one can go to the dead letters
    /// even when each attempt ends the process.
    fn attempts(&self) -> u64 {
        self.found
            .max_deliver
            .map_or(u64::MAX, |times| times.saturating_sub(1).max(1))
    }

    async fn handle(&self, request: Request, known: &Known<'_>) -> End {
        self.shared.observe(Stage::Received, &known.delivery);
        let context = Context {
            stream_sequence: known.delivery.stream_sequence,
            delivered: known.delivery.delivered,
            deadline: known.deadline,
            abandon: self.shared.abandon.clone(),
        };
        match self.attempt(request, context, known.route).await {
            Ended::Outcome(Outcome::Reply(reply)) => self.finish(known, &reply).await,
            Ended::Outcome(Outcome::Retry { reason, after }) => {
                self.again(known, &reason, after, Effect::None).await
            }
            Ended::Outcome(Outcome::Poison { reason }) => {
                self.poison(Some(&known.recipient), StatusCode::BAD_GATEWAY, &reason)
                    .await
            }
            Ended::Panicked(message) => {
                self.shared.metrics.panicked.inc();
                tracing::error!(request_id = %known.delivery.id, message, "the handler panicked");
                let reason = format!("the handler panicked: {message}");
                self.again(known, &reason, None, Effect::Unknown).await
            }
            Ended::TooLong => {
                let reason = format!(
                    "the handler ran longer than {:?}",
                    self.shared.settings.handler_limit
                );
                self.again(known, &reason, None, Effect::Unknown).await
            }
            Ended::Abandoned => {
                self.acknowledge(Acknowledgement::Again(Duration::ZERO)).await;
                End::Retried
            }
        }
    }

    /// Replies, then acknowledges.
    async fn finish(&self, known: &Known<'_>, reply: &Reply) -> End {
        self.shared.observe(Stage::Handled, &known.delivery);
        let handled = Instant::now();
        if !self.reply(&known.recipient, reply).await {
            return End::Retried;
        }
        known.route.observe(Part::Answer, handled.elapsed());
        self.shared.observe(Stage::Replied, &known.delivery);
        self.shared.observe(Stage::Acking, &known.delivery);
        self.acknowledge(Acknowledgement::Done).await;
        End::of(reply.status)
    }

    /// After an attempt without an answer: another one, if deliveries and time allow.
    async fn again(&self, known: &Known<'_>, reason: &str, after: Option<Duration>, effect: Effect) -> End {
        let request_id = known.delivery.id;
        if known.delivery.delivered >= self.attempts() {
            return self
                .poison(Some(&known.recipient), StatusCode::BAD_GATEWAY, reason)
                .await;
        }
        let failures = u32::try_from(known.delivery.delivered).unwrap_or(u32::MAX);
        let delay = after.unwrap_or_else(|| TRY_AGAIN.after(failures));
        if Instant::now() + delay < known.deadline {
            tracing::warn!(%request_id, reason, ?delay, "trying again");
            self.shared.metrics.retried.inc();
            self.acknowledge(Acknowledgement::Again(delay)).await;
            return End::Retried;
        }
        tracing::warn!(%request_id, reason, "giving up: no time for another attempt");
        let problem = known
            .recipient
            .problem(StatusCode::SERVICE_UNAVAILABLE, "Service temporarily unavailable");
        let problem = match effect {
            Effect::None => {
                problem.detail("The service could not handle the request in time; nothing has changed.")
            }
            Effect::Unknown => problem
                .detail("The service could not handle the request in time; it may have had its effect.")
                .outcome_unknown(),
        };
        let mut reply = problem.retryable(true).into_reply();
        reply.headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        self.finish(known, &reply).await
    }

    /// To the dead letters, out of the queue; whoever waits is told.
    async fn poison(&self, recipient: Option<&Recipient>, status: StatusCode, reason: &str) -> End {
        let Shared {
            connection,
            settings,
            metrics,
            ..
        } = &*self.shared;
        let stamp = self.stamp();
        let sequence = stamp.stream_sequence;
        let bury = dead::bury(connection, settings, &self.message, &stamp, reason);
        let buried = tokio::select! {
            biased;
            buried = self.in_progress_during(bury) => buried,
            () = self.shared.abandon.cancelled() => Err("the worker is stopping".to_owned()),
        };
        if let Err(trouble) = buried {
            tracing::error!(
                sequence,
                reason,
                trouble,
                "cannot set a message aside as a dead letter; it goes back"
            );
            self.acknowledge(Acknowledgement::Again(TRY_AGAIN.longest)).await;
            return End::Retried;
        }
        metrics.poisoned.inc();
        tracing::error!(sequence, subject = %self.message.subject, reason, "set aside as a dead letter");
        if let Some(recipient) = recipient {
            let problem = match status {
                StatusCode::BAD_REQUEST => recipient.problem(status, "Request not readable").detail(reason),
                _ => recipient
                    .problem(status, "Request could not be handled")
                    .detail("The service failed on this request repeatedly and has set it aside.")
                    .outcome_unknown(),
            };
            self.reply(recipient, &problem.retryable(false).into_reply())
                .await;
        }
        self.acknowledge(Acknowledgement::Terminated(reason.to_owned()))
            .await;
        End::Poisoned
    }

    /// Whether the answer left; if not, the message comes again.
    async fn reply(&self, recipient: &Recipient, reply: &Reply) -> bool {
        let sent = tokio::select! {
            biased;
            sent = answer::send(&self.shared.connection, recipient, reply) => sent,
            // Without a connection, an answer can wait for ever.
            () = self.shared.abandon.cancelled() => return false,
        };
        match sent {
            Ok(()) => {
                self.shared.metrics.replied.inc();
                true
            }
            Err(error) => {
                tracing::error!(
                    error = sentence(&error),
                    "an answer is lost; its request will be delivered again"
                );
                false
            }
        }
    }

    async fn acknowledge(&self, acknowledgement: Acknowledgement) {
        let client = self.shared.connection.client();
        let last_word = matches!(
            acknowledgement,
            Acknowledgement::Done | Acknowledgement::Terminated(_)
        );
        let lost = if self.shared.settings.confirm_acks && last_word {
            acknowledgement
                .confirm(client, &self.ack)
                .await
                .err()
                .map(|error| sentence(&error))
        } else {
            acknowledgement
                .send(client, &self.ack)
                .await
                .err()
                .map(|error| sentence(&error))
        };
        if let Some(error) = lost {
            self.shared.metrics.lost_acknowledgements.inc();
            tracing::warn!(
                error,
                "an acknowledgement is not confirmed; its request may be delivered again"
            );
        }
    }
}

impl<H> Shared<H> {
    fn observe(&self, stage: Stage, delivery: &Delivery) {
        if let Some(observer) = &self.observer {
            observer.reached(stage, delivery);
        }
    }
}
