//! The JetStream API: the account, its streams, their consumers.

mod plan;

use std::time::{Duration, Instant};

use serde_json::Value;
use snapshot::sample::{AccountSample, Body, ConsumerSample, ConsumersSample, StreamSample, StreamsSample};
use tokio::sync::watch;

use super::Row;
use super::ask::{Failure, ask, list};
use super::link::Link;
use super::outlet::Outlet;
use super::pace::Pace;
use super::reply::{self, Part};
use plan::{Job, Load, Plan};

pub(super) use plan::Aside;

/// Requests in progress at the server from which on we ask less.
const BUSY: u64 = 100;

/// Looks at JetStream until nobody listens. `rows` are looked at more often; `pressure` changes whenever the API has dropped requests; what
/// `aside` counts is asked besides.
pub(super) async fn run(
    link: Link,
    outlet: Outlet,
    rows: watch::Receiver<Vec<Row>>,
    interval: Duration,
    (pressure, aside): (watch::Receiver<u64>, Aside),
) {
    let mut plan = Plan::new(aside);
    plan.pace = Pace::patient(interval);
    let mut looking = Looking {
        link,
        outlet,
        plan,
        rows,
        pressure,
        inflight: 0,
    };
    loop {
        looking.wait_for_connection().await;
        looking.turn().await;
    }
}

struct Looking {
    link: Link,
    outlet: Outlet,
    plan: Plan,
    rows: watch::Receiver<Vec<Row>>,
    pressure: watch::Receiver<u64>,
    /// Requests in progress when the account was last looked at.
    inflight: u64,
}

impl Looking {
    /// Whether there was none until now, all is looked at anew: what is known is old.
    async fn wait_for_connection(&mut self) {
        if self.link.is_connected() {
            return;
        }
        self.plan.begin_anew();
        while !self.link.is_connected() {
            self.outlet.connecting(self.link.why()).await;
            self.link.changed().await;
        }
    }

    /// Waits for what is due next, and asks for it.
    async fn turn(&mut self) {
        let now = Instant::now();
        let Some(job) = self.plan.due(now) else {
            let next = self.plan.next(now);
            tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                () = self.link.lost() => {}
                Ok(()) = self.rows.changed() => {
                    let rows = self.rows.borrow_and_update().clone();
                    self.plan.rows_are(&rows);
                }
                Ok(()) = self.pressure.changed() => self.plan.pace.slower(),
            }
            return;
        };
        // Before it is asked: what is found tells when it will be asked again.
        self.plan.asked(&job, now);
        let result = self.do_job(&job).await;
        match result {
            Ok(()) => self.went_well(&job).await,
            Err(failure) => self.went_wrong(&job, &failure).await,
        }
    }

    async fn went_well(&mut self, job: &Job) {
        // One round of the list of streams without trouble is one step back to normal.
        if *job == Job::Streams {
            self.plan.pace.faster();
            self.outlet.interval = Some(self.plan.streams_period());
            self.outlet.version = self.link.version();
            self.outlet.up().await;
        }
    }

    async fn went_wrong(&mut self, job: &Job, failure: &Failure) {
        if !self.link.is_connected() {
            return;
        }
        if failure.is_of_load() || *job == Job::Streams {
            self.plan.pace.slower();
        }
        match job {
            Job::Streams => {
                self.outlet
                    .down(&format!("cannot list the streams: {failure}"))
                    .await;
            }
            // Where not even streams can be listed, that is what is wrong.
            Job::Consumers(stream) if !failure.is_not_found() && !self.outlet.is_down() => {
                let what = format!("cannot list the consumers of {stream}: {failure}");
                self.outlet.up_but(Some(what)).await;
            }
            _ => {}
        }
    }

    async fn do_job(&mut self, job: &Job) -> Result<(), Failure> {
        match job {
            Job::Streams => self.streams().await,
            Job::Consumers(stream) => self.consumers(stream).await,
            Job::Row(row) => self.row(row).await,
            Job::Account => self.account().await,
        }
    }

    async fn streams(&mut self) -> Result<(), Failure> {
        let found = list(&self.link, &mut self.outlet.meter, "STREAM.LIST", "/streams").await?;
        let streams: Vec<StreamSample> = found
            .entries
            .iter()
            .filter_map(|entry| reply::stream(Part(entry)))
            .collect();
        let loads = streams.iter().map(|stream| (stream.name.clone(), load(stream)));
        self.plan.streams_are(loads, found.pages);
        let sample = StreamsSample {
            account: None,
            streams,
            missing: found.missing,
            offline: found.offline,
            complete: true,
            interval_ms: milliseconds(self.plan.streams_period()),
        };
        self.outlet.send(Body::Streams(sample)).await;
        Ok(())
    }

    async fn consumers(&mut self, stream: &str) -> Result<(), Failure> {
        let verb = format!("CONSUMER.LIST.{stream}");
        let found = list(&self.link, &mut self.outlet.meter, &verb, "/consumers").await?;
        let consumers = found
            .entries
            .iter()
            .filter_map(|entry| reply::consumer(Part(entry)));
        let consumers: Vec<ConsumerSample> = consumers.collect();
        self.plan.consumers_are(stream, mark(&consumers));
        let sample = ConsumersSample {
            stream: stream.to_owned(),
            consumers,
            missing: found.missing,
            offline: found.offline,
            complete: true,
            interval_ms: milliseconds(self.plan.consumers_period(stream)),
            ..ConsumersSample::default()
        };
        self.outlet.send(Body::Consumers(sample)).await;
        Ok(())
    }

    async fn row(&mut self, row: &Row) -> Result<(), Failure> {
        let verb = format!("CONSUMER.INFO.{}.{}", row.stream, row.consumer);
        let mut sample = ConsumersSample {
            stream: row.stream.clone(),
            interval_ms: milliseconds(self.plan.consumers_period(&row.stream)),
            ..ConsumersSample::default()
        };
        match ask(&self.link, &mut self.outlet.meter, &verb, &Value::Null).await {
            Ok(found) => sample
                .consumers
                .extend::<Option<ConsumerSample>>(reply::consumer(Part(&found))),
            Err(failure) if failure.is_not_found() => sample.gone.push(row.consumer.clone()),
            Err(failure) => return Err(failure),
        }
        self.outlet.send(Body::Consumers(sample)).await;
        Ok(())
    }

    async fn account(&mut self) -> Result<(), Failure> {
        let found = ask(&self.link, &mut self.outlet.meter, "INFO", &Value::Null).await?;
        let sample: AccountSample = reply::account(Part(&found));
        let inflight = sample.api_inflight.unwrap_or(0);
        if inflight > BUSY && inflight > self.inflight {
            self.plan.pace.slower();
        }
        self.inflight = inflight;
        self.outlet.send(Body::Account(sample)).await;
        Ok(())
    }
}

/// What changes with everything that happens to the messages of a stream. Acknowledgements alone are seen where they remove messages.
fn load(stream: &StreamSample) -> Load {
    let mark = stream.last_seq.wrapping_mul(31) ^ stream.first_seq.wrapping_mul(17) ^ stream.messages;
    Load {
        consumers: stream.consumer_count.unwrap_or(1),
        mark,
    }
}

/// What changes with everything that happens to consumers.
fn mark(consumers: &[ConsumerSample]) -> u64 {
    let mark = |consumer: &ConsumerSample| {
        let ends = consumer.num_ack_pending ^ consumer.num_redelivered.wrapping_mul(31);
        let delivered =
            consumer.delivered.consumer_seq.wrapping_mul(17) ^ consumer.num_pending.wrapping_mul(13);
        ends ^ delivered ^ consumer.ack_floor.consumer_seq.wrapping_mul(7)
    };
    consumers.iter().fold(0, |all, consumer| {
        all.wrapping_mul(1_000_003).wrapping_add(mark(consumer))
    })
}

fn milliseconds(period: std::time::Duration) -> u64 {
    u64::try_from(period.as_millis()).unwrap_or(u64::MAX)
}
