//! The pull loop proper: credit out, messages in, for as long as the server remembers us.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Message, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::acknowledgement::Acknowledgement;
use super::consumer::{self, Found};
use super::credit::Credit;
use super::delivery::Task;
use super::settings::FAREWELL;
use super::status::{self, Meaning};
use super::{Handler, Readiness, Shared};
use crate::lifecycle::Shutdown;
use crate::nats::Incoming;

/// Pulls until the server forgets us, the connection changes or the stop begins; `None` means the stop. `failures`
/// grows when beginning anew at once would not help.
pub(super) async fn pull<H: Handler>(
    shared: &Arc<Shared<H>>,
    found: Found,
    shutdown: &Shutdown,
    failures: &mut u32,
) -> Option<String> {
    let (fresh, found) = watch::channel(found);
    let mut pulling = match Pulling::begin(shared, found).await {
        Ok(pulling) => pulling,
        Err(reason) => {
            *failures += 1;
            return Some(reason);
        }
    };
    let end = tokio::select! {
        biased;
        () = shutdown.draining() => End::Stop,
        end = pulling.run() => end,
        never = consumer::keep_fresh(shared, &fresh) => match never {},
    };
    match end {
        End::Stop => {
            pulling.give_back().await;
            None
        }
        End::Anew(reason) => {
            pulling.take_ready();
            *failures = if pulling.was_heard { 0 } else { *failures + 1 };
            Some(reason)
        }
        End::Refused(reason) => {
            pulling.take_ready();
            *failures += 1;
            shared.set_readiness(Readiness::NotReady(reason.clone()));
            Some(reason)
        }
    }
}

/// Why pulling ended.
enum End {
    Stop,
    Anew(String),
    Refused(String),
}

/// One subscription and the pulls that answer to it.
struct Pulling<'a, H> {
    shared: &'a Arc<Shared<H>>,
    found: watch::Receiver<Found>,
    subscriber: Subscriber,
    inbox: Subject,
    next: Subject,
    /// The constant part of each pull.
    terms: String,
    credit: Credit,
    /// When the server last sent anything, or was last asked while owing nothing.
    heard: Instant,
    was_heard: bool,
    /// Which connection the pulls went over.
    connects: u64,
}

impl<'a, H: Handler> Pulling<'a, H> {
    async fn begin(shared: &'a Arc<Shared<H>>, found: watch::Receiver<Found>) -> Result<Self, String> {
        let (connection, settings) = (&shared.connection, &shared.settings);
        let connects = connection.connects();
        let inbox = Subject::from(connection.new_inbox());
        let subscriber = connection
            .client()
            .subscribe(inbox.clone())
            .await
            .map_err(|error| format!("cannot subscribe to an inbox: {error}"))?;
        let longest_pull = found.borrow().longest_pull;
        let expires = longest_pull.map_or(settings.pull_expires, |limit| limit.min(settings.pull_expires));
        let heartbeat = settings.heartbeat.min(expires / 2);
        Ok(Self {
            shared,
            found,
            subscriber,
            inbox,
            next: format!(
                "$JS.API.CONSUMER.MSG.NEXT.{}.{}",
                settings.stream, settings.consumer
            )
            .into(),
            terms: format!(
                r#""expires":{},"idle_heartbeat":{}}}"#,
                expires.as_nanos(),
                heartbeat.as_nanos()
            ),
            credit: Credit::default(),
            heard: Instant::now(),
            was_heard: false,
            connects,
        })
    }

    async fn run(&mut self) -> End {
        let heartbeat = self.shared.settings.heartbeat;
        let mut state = self.shared.connection.state();
        let mut check = tokio::time::interval(heartbeat / 2);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Some(end) = self.take_ready() {
                return end;
            }
            if let Err(reason) = self.ask().await {
                return End::Anew(reason);
            }
            let shared = self.shared;
            tokio::select! {
                biased;
                message = self.subscriber.next() => match message {
                    Some(message) => if let Some(end) = self.receive(message) { return end },
                    None => return End::Anew("the inbox was closed".to_owned()),
                },
                () = shared.slots.freed() => {}
                _ = state.changed() => {}
                _ = check.tick() => {}
            }
            if let Some(end) = self.check(heartbeat) {
                return end;
            }
        }
    }

    /// Takes what has arrived already, so that credit is asked for once and not for each message.
    fn take_ready(&mut self) -> Option<End> {
        while let Some(Some(message)) = self.subscriber.next().now_or_never() {
            if let Some(end) = self.receive(message) {
                return Some(end);
            }
        }
        None
    }

    fn receive(&mut self, message: Message) -> Option<End> {
        self.heard = Instant::now();
        self.was_heard = true;
        if let Some(code) = message.status {
            let text = message.description.as_deref().unwrap_or_default();
            return match status::read(code.as_u16(), text, &Incoming(message.headers.as_ref())) {
                Meaning::Alive => None,
                Meaning::Ended(rest) => {
                    self.credit.returned(rest);
                    None
                }
                Meaning::Anew(reason) => Some(End::Anew(reason)),
                Meaning::Refused(reason) => Some(End::Refused(reason)),
            };
        }
        if let Some(task) = Task::new(self.shared, *self.found.borrow(), message) {
            self.credit.delivered();
            self.shared.metrics.received.inc();
            drop(tokio::spawn(task.run()));
        } else {
            tracing::warn!("a message without a stamp came to the worker's inbox");
        }
        None
    }

    /// Asks for as many messages as there is room for.
    async fn ask(&mut self) -> Result<(), String> {
        let longest = self.found.borrow().longest_batch;
        let Some(batch) = self.credit.wanted(self.shared.slots.free(), longest) else {
            return Ok(());
        };
        let connection = &self.shared.connection;
        if !connection.is_connected() {
            return Err(connection
                .trouble()
                .unwrap_or_else(|| "connection to NATS lost".to_owned()));
        }
        if !self.credit.is_outstanding() {
            self.heard = Instant::now();
        }
        let pull = Bytes::from(format!(r#"{{"batch":{batch},{}"#, self.terms));
        connection
            .client()
            .publish_with_reply(self.next.clone(), self.inbox.clone(), pull)
            .await
            .map_err(|error| format!("cannot pull: {error}"))?;
        self.credit.asked(batch);
        self.shared.set_readiness(Readiness::Ready);
        Ok(())
    }

    /// Whether what was asked for can still come.
    fn check(&self, heartbeat: Duration) -> Option<End> {
        if self.shared.connection.connects() != self.connects {
            return Some(End::Anew("the connection was made anew".to_owned()));
        }
        // Two heartbeats, and half a one for slow machines.
        if self.credit.is_outstanding() && self.heard.elapsed() > heartbeat * 5 / 2 {
            self.shared.metrics.missed_heartbeats.inc_by(2);
            return Some(End::Anew("two heartbeats of the server did not come".to_owned()));
        }
        None
    }

    /// Ends the pulls and hands back at once what the server had sent already.
    async fn give_back(&mut self) {
        let client = self.shared.connection.client().clone();
        let work = async {
            if let Err(error) = self.subscriber.drain().await {
                tracing::debug!(%error, "cannot drain the inbox");
            }
            while let Some(message) = self.subscriber.next().await {
                if let (None, Some(ack)) = (message.status, &message.reply) {
                    drop(Acknowledgement::Again(Duration::ZERO).send(&client, ack).await);
                }
            }
        };
        let work = pin!(work);
        if tokio::time::timeout(FAREWELL, work).await.is_err() {
            tracing::warn!(
                "NATS does not confirm the end of the pulls; what it sends now is delivered again later"
            );
        }
    }
}
