//! One request's way through the queue: publish, acknowledgement, answer, and all that may go wrong in between.
//!
//! Everything is decided by one loop over the ticket's signals and a single timer. Dropping the future is how a client
//! leaves: the slot is free at once, and the message is taken back if the stream has it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use contract::envelope::{self, Reply};
use http::HeaderMap;
use runtime::nats::Incoming;
use tokio::time::Sleep;
use uuid::Uuid;

use crate::failure::{Blame, Failure};
use crate::pending::{Signal, Ticket};
use crate::publish::Letter;
use crate::removal::Removal;
use crate::routes::{Mode, Route};
use crate::shard::{Answer, Core};

/// How long an acknowledgement may take before the message is published again under the same id.
const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_secs(1);
/// How often a publish is tried again after "no responders" (ADR-22).
const NO_RESPONDERS_RETRIES: u32 = 2;
/// The pause before such a try; up to a quarter more or less.
const NO_RESPONDERS_PAUSE: Duration = Duration::from_millis(250);
/// How often the connection is looked at while a message waits to be published again.
const RECONNECT_CHECK: Duration = Duration::from_millis(100);

/// A request that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) route: &'a Route,
    pub(crate) subject: String,
    pub(crate) id: Uuid,
    pub(crate) method: &'a http::Method,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) budget: Duration,
    pub(crate) deadline: Instant,
    pub(crate) deadline_unix_ms: u64,
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The worker's answer.
    Reply(Reply),
    /// The stream has the message and no answer is awaited.
    Accepted,
}

/// When what happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) published: Option<Instant>,
    pub(crate) stored: Option<Instant>,
}

/// A request on its way.
pub(crate) struct Exchange<'a> {
    core: &'a Core,
    order: Order<'a>,
    ticket: Ticket<Answer>,
    attempt: u32,
    published: Option<Instant>,
    next: Next,
    /// How often nobody took it.
    refusals: u32,
    /// Whether an overdue acknowledgement has led to a second try.
    republished: bool,
    over: bool,
}

/// What the timer stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The acknowledgement is overdue.
    Overdue,
    /// The pause after "no responders" is over.
    Retry,
    /// Nothing but the deadline is left.
    Deadline,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(core: &'a Core, order: Order<'a>, ticket: Ticket<Answer>) -> Self {
        Self {
            core,
            order,
            ticket,
            attempt: 0,
            published: None,
            next: Next::Overdue,
            refusals: 0,
            republished: false,
            over: false,
        }
    }

    /// Sees the request through; `timer` stands at the deadline.
    pub(crate) async fn run(&mut self, mut timer: Pin<&mut Sleep>) -> Result<Outcome, Failure> {
        let result = self.steps(timer.as_mut()).await;
        self.over = true;
        result
    }

    pub(crate) fn times(&self) -> Times {
        Times {
            published: self.published,
            stored: self.ticket.stored().map(|stored| stored.at),
        }
    }

    async fn steps(&mut self, mut timer: Pin<&mut Sleep>) -> Result<Outcome, Failure> {
        if !self.core.is_connected() {
            return Err(Failure::Disconnected);
        }
        self.publish(timer.as_mut()).await?;
        loop {
            match self.wait(timer.as_mut()).await {
                Some(Signal::Answer(answer)) => return self.read(answer).map(Outcome::Reply),
                Some(Signal::Stored) => return Ok(Outcome::Accepted),
                Some(Signal::Refused(refusal)) => {
                    if Blame::of(&refusal).is_of_configuration() {
                        self.core.facts.doubt();
                    }
                    return Err(Failure::Refused(refusal));
                }
                Some(Signal::NoResponders) => self.pause(timer.as_mut())?,
                None => self.timer_fired(timer.as_mut()).await?,
            }
        }
    }

    /// The next signal, or nothing when the timer fires first.
    async fn wait(&self, mut timer: Pin<&mut Sleep>) -> Option<Signal<Answer>> {
        poll_fn(|cx| match self.ticket.poll_signal(cx) {
            Poll::Ready(signal) => Poll::Ready(Some(signal)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        })
        .await
    }

    async fn publish(&mut self, mut timer: Pin<&mut Sleep>) -> Result<(), Failure> {
        self.attempt += 1;
        let letter = Letter::write(self.core, &self.order, self.ticket.token(), self.attempt)?;
        if self.attempt > 1 {
            set(timer.as_mut(), self.order.deadline);
        }
        let sent = tokio::select! {
            biased;
            sent = letter.send(self.core.connection.client()) => sent,
            () = timer.as_mut() => Err(Failure::Unsent),
        };
        match sent {
            // A second try that could not even be sent takes nothing from the first.
            Err(_) if self.published.is_some() && self.attempt > 1 => {}
            Err(failure) => return Err(failure),
            Ok(()) => {}
        }
        let now = Instant::now();
        self.published.get_or_insert(now);
        self.next = if self.republished {
            Next::Deadline
        } else {
            Next::Overdue
        };
        let end = if self.next == Next::Overdue {
            now + ACKNOWLEDGEMENT_WAIT
        } else {
            self.order.deadline
        };
        set(timer, end.min(self.order.deadline));
        Ok(())
    }

    /// Nobody took the message: waits a little and tries again, a few times.
    fn pause(&mut self, timer: Pin<&mut Sleep>) -> Result<(), Failure> {
        self.core.facts.doubt();
        self.core.meters.no_responders.inc();
        self.refusals += 1;
        let again = Instant::now() + NO_RESPONDERS_PAUSE.mul_f64(0.75 + self.core.ids.fraction() / 2.0);
        if self.refusals > NO_RESPONDERS_RETRIES || again >= self.order.deadline {
            return Err(Failure::NoStream {
                uncovered: self.core.facts.of(self.order.route).uncovered(),
                unknown: self.attempt > self.refusals,
            });
        }
        self.next = Next::Retry;
        set(timer, again);
        Ok(())
    }

    async fn timer_fired(&mut self, timer: Pin<&mut Sleep>) -> Result<(), Failure> {
        let now = Instant::now();
        if now >= self.order.deadline {
            return Err(Failure::Deadline(self.order.budget));
        }
        match self.next {
            Next::Retry => self.publish(timer).await,
            Next::Overdue if self.ticket.stored().is_none() => {
                if self.core.is_connected() {
                    self.core.meters.republished.inc();
                    self.republished = true;
                    self.publish(timer).await
                } else {
                    set(timer, (now + RECONNECT_CHECK).min(self.order.deadline));
                    Ok(())
                }
            }
            Next::Overdue | Next::Deadline => {
                self.next = Next::Deadline;
                set(timer, self.order.deadline);
                Ok(())
            }
        }
    }

    fn read(&self, answer: Answer) -> Result<Reply, Failure> {
        if answer.payload.len() > self.core.limits.answer {
            return Err(Failure::AnswerTooLarge(self.core.limits.answer));
        }
        envelope::decode_reply(&Incoming(answer.headers.as_ref()), answer.payload).map_err(Failure::Answer)
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.over || self.published.is_none() || self.order.route.mode == Mode::Event {
            return;
        }
        match self.ticket.stored() {
            Some(stored) => self.core.take_back(Removal {
                stream: stored.stream,
                sequence: stored.sequence,
            }),
            None => {
                self.core
                    .departed
                    .remember(self.ticket.token(), Instant::now(), self.order.deadline);
            }
        }
    }
}

/// A new timer in place of the old one: unlike a reset, it costs nothing until it is polled.
fn set(mut timer: Pin<&mut Sleep>, at: Instant) {
    timer.set(tokio::time::sleep_until(at.into()));
}
