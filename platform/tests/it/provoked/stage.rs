//! One account of a real server with one stream and one consumer, somebody who publishes, and `top` looking at it.

use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions};
use platform::observe::Nats;
use serde_json::{Value, json};
use snapshot::ConsumerKey;
use snapshot::judge::{Severity, State as Is};
use snapshot::report::{ConsumerRow, StreamRow};
use snapshot::sample::{Source, SourceState};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::seen::{self, Seen};
use super::worker::{Manner, Worker};

pub(crate) const STREAM: &str = "ORDERS";
pub(crate) const CONSUMER: &str = "billing";

/// All is well.
pub(crate) const WELL: &[Is] = &[Is::Ok, Is::Idle];
/// All is well, or will be.
pub(crate) const RECOVERS: &[Is] = &[Is::CatchingUp, Is::Ok, Is::Idle];

/// A state that came, and after how long.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) state: &'static str,
    pub(crate) severity: Severity,
    pub(crate) took: Duration,
    pub(crate) reason: String,
    pub(crate) command: String,
}

pub(crate) struct Stage {
    address: String,
    login: Option<String>,
    client: Client,
    pub(crate) seen: Seen,
    pub(crate) lines: Vec<Line>,
}

impl Stage {
    /// A stage on the server at `address`, in the account whose user has that name and password.
    pub(crate) async fn open(address: impl ToString, login: Option<&str>) -> Self {
        let (address, login) = (address.to_string(), login.map(str::to_owned));
        let client = connect(&address, login.as_deref()).await;
        let user = login
            .as_ref()
            .map_or_else(String::new, |login| format!("{login}:{login}@"));
        let selected = ConsumerKey {
            account: None,
            stream: STREAM.to_owned(),
            consumer: CONSUMER.to_owned(),
        };
        let seen = Seen::new(Nats::new(format!("nats://{user}{address}")), selected);
        Self {
            address,
            login,
            client,
            seen,
            lines: Vec::new(),
        }
    }

    /// One request to the JetStream API, which must succeed.
    pub(crate) async fn api(&self, verb: &str, body: &Value) -> Value {
        let payload = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self
            .client
            .request(format!("$JS.API.{verb}"), payload.into())
            .await;
        let answer: Value = serde_json::from_slice(&answer.unwrap().payload).unwrap();
        assert_eq!(answer.get("error"), None, "{verb} {body}");
        answer
    }

    /// Waits until the system has a leader, which answers.
    pub(crate) async fn ready(&mut self) {
        let ready = self.seen.until("ready", |report| {
            let mut sources = report.sources.iter();
            sources
                .any(|row| row.source == Source::Jetstream && row.state == SourceState::Up)
                .then_some(())
        });
        ready.await;
    }

    /// The stream, with these settings besides its name and subjects.
    pub(crate) async fn stream(&self, settings: Value) {
        let config = json!({"name": STREAM, "subjects": ["orders.>"], "storage": "memory", "retention": "workqueue",
            "allow_direct": true});
        self.api(&format!("STREAM.CREATE.{STREAM}"), &merged(config, settings))
            .await;
    }

    /// The consumer, with these settings besides its name; over one that is there, it changes those.
    pub(crate) async fn consumer(&self, settings: Value) {
        let config = json!({"durable_name": CONSUMER, "ack_policy": "explicit"});
        let request = json!({"stream_name": STREAM, "config": merged(config, settings)});
        self.api(&format!("CONSUMER.CREATE.{STREAM}.{CONSUMER}"), &request)
            .await;
    }

    /// Both.
    pub(crate) async fn both(&self, stream: Value, consumer: Value) {
        self.stream(stream).await;
        self.consumer(consumer).await;
    }

    /// A client of its own of the same account.
    pub(crate) async fn another(&self) -> Client {
        connect(&self.address, self.login.as_deref()).await
    }

    pub(crate) async fn worker(&self, manner: Manner) -> Worker {
        Worker::start(&self.another().await, STREAM, CONSUMER, manner)
    }

    /// Publishes so many at once, and waits until the stream has them.
    pub(crate) async fn send(&self, count: usize) {
        for number in 0..count {
            let subject = format!("orders.{}", number % 7);
            self.client.publish(subject, "an order".into()).await.unwrap();
        }
        self.client
            .request("orders.last", "an order".into())
            .await
            .unwrap();
    }

    /// Publishes so many a second from now on.
    pub(crate) fn publisher(&self, per_s: f64) -> Publisher {
        let rate = watch::Sender::new(per_s);
        let task = publish(self.client.clone(), rate.subscribe());
        Publisher {
            rate,
            _task: AbortOnDropHandle::new(tokio::spawn(task)),
        }
    }

    /// Waits until all is well, which is no part of what is measured.
    pub(crate) async fn well(&mut self) -> ConsumerRow {
        let well = |row: &ConsumerRow| WELL.contains(&row.state);
        self.row("well", well).await.1
    }

    /// Waits until the consumer's row is as wanted.
    pub(crate) async fn row(
        &mut self,
        what: &str,
        wanted: impl Fn(&ConsumerRow) -> bool,
    ) -> (Duration, ConsumerRow) {
        let found = self.seen.until(what, |report| {
            seen::consumer(report, STREAM, CONSUMER)
                .filter(|row| wanted(row))
                .cloned()
        });
        found.await
    }

    /// Waits until the stream's row is as wanted.
    pub(crate) async fn stream_row(
        &mut self,
        what: &str,
        name: &str,
        wanted: impl Fn(&StreamRow) -> bool,
    ) -> (Duration, StreamRow) {
        let found = self.seen.until(what, |report| {
            seen::stream(report, name).filter(|row| wanted(row)).cloned()
        });
        found.await
    }

    /// The consumer comes into that state, with a reason, and a command that begins like that.
    pub(crate) async fn named(&mut self, state: Is, severity: Severity, command: &str) -> ConsumerRow {
        let wanted = |row: &ConsumerRow| (row.state, row.severity) == (state, severity);
        let (took, row) = self.row(state.name(), wanted).await;
        self.note(
            took,
            (row.state, row.severity),
            &row.reason,
            row.command.as_deref(),
            command,
        );
        row
    }

    /// The consumer comes into one of those states.
    pub(crate) async fn leaves_for(&mut self, states: &[Is]) -> ConsumerRow {
        let (took, row) = self.row("better", |row| states.contains(&row.state)).await;
        self.note(
            took,
            (row.state, row.severity),
            &row.reason,
            row.command.as_deref(),
            "",
        );
        row
    }

    /// A stream comes into that state.
    pub(crate) async fn stream_named(&mut self, name: &str, state: Is, severity: Severity, command: &str) {
        let wanted = |row: &StreamRow| (row.state, row.severity) == (state, severity);
        let (took, row) = self.stream_row(state.name(), name, wanted).await;
        self.note(
            took,
            (row.state, row.severity),
            &row.reason,
            row.command.as_deref(),
            command,
        );
    }

    /// A stream is well again.
    pub(crate) async fn stream_leaves(&mut self, name: &str) {
        let (took, row) = self
            .stream_row("better", name, |row| WELL.contains(&row.state))
            .await;
        self.note(
            took,
            (row.state, row.severity),
            &row.reason,
            row.command.as_deref(),
            "",
        );
    }

    fn note(
        &mut self,
        took: Duration,
        is: (Is, Severity),
        reason: &str,
        command: Option<&str>,
        wanted: &str,
    ) {
        let command = command.unwrap_or_default();
        assert!(!reason.is_empty() && !reason.ends_with('.'), "{reason:?}");
        assert!(command.starts_with(wanted), "{command:?} for {reason:?}");
        self.lines.push(Line {
            state: is.0.name(),
            severity: is.1,
            took,
            reason: reason.to_owned(),
            command: command.to_owned(),
        });
    }
}

async fn connect(address: &str, login: Option<&str>) -> Client {
    let options = match login {
        Some(login) => ConnectOptions::with_user_and_password(login.to_owned(), login.to_owned()),
        None => ConnectOptions::new(),
    };
    options.connect(address).await.unwrap()
}

fn merged(mut config: Value, settings: Value) -> Value {
    if let (Value::Object(config), Value::Object(settings)) = (&mut config, settings) {
        config.extend(settings);
    }
    config
}

/// Somebody who publishes at an even rate until dropped.
pub(crate) struct Publisher {
    rate: watch::Sender<f64>,
    _task: AbortOnDropHandle<()>,
}

impl Publisher {
    pub(crate) fn per_s(&self, rate: f64) {
        self.rate.send_replace(rate);
    }
}

/// By the clock, not by the number of steps: a machine that was busy for a while makes up for it.
async fn publish(client: Client, rate: watch::Receiver<f64>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let (mut due, mut last) = (0.0, Instant::now());
    loop {
        ticks.tick().await;
        let now = Instant::now();
        due += (now - last).as_secs_f64() * *rate.borrow();
        last = now;
        while due >= 1.0 {
            due -= 1.0;
            client.publish("orders.new", "an order".into()).await.unwrap();
        }
    }
}
