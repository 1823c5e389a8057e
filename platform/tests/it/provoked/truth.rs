//! What `top` shows against what was so: whoever publishes and acknowledges here writes down when.
//!
//! Server and test have one clock. A message was delivered between the request for it and its arrival, and acknowledged between the
//! acknowledgement and its confirmation; so for every sample there is a range in which the truth lies, however busy the machine is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::{Client, jetstream};
use futures_util::StreamExt as _;
use serde_json::json;
use snapshot::judge::{Confidence, State as Is};
use snapshot::report::Report;
use snapshot::sample::Body;
use testbed::nats::Server;
use tokio::task::JoinSet;

use super::seen;
use super::stage::{CONSUMER, STREAM, Stage};

/// How far back rates look, in nanoseconds.
const WINDOW: i64 = 10_000_000_000;
/// Windows that are much shorter say more about the test's beginning than about rates.
const LEAST: i64 = 5_000_000_000;
/// Messages that are worked on at once, and how long each takes.
const SLOTS: usize = 5;
const TAKES: Duration = Duration::from_millis(50);

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_nanos()).unwrap()
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap())
}

fn seconds(nanos: i64) -> f64 {
    float(nanos / 1_000) / 1e6
}

/// What became of a message.
#[derive(Clone, Copy, Debug)]
struct Delivery {
    seq: u64,
    published: i64,
    asked: i64,
    came: i64,
    answered: i64,
    confirmed: i64,
    /// None waited behind it.
    last: bool,
}

type Log = Arc<Mutex<Vec<Delivery>>>;

/// Takes one message after the other, each at its time: what was late is made up for.
async fn work(client: Client, log: Log) {
    let context = jetstream::new(client.clone());
    let mut ticks = tokio::time::interval(TAKES);
    loop {
        ticks.tick().await;
        let inbox = client.new_inbox();
        let mut answers = client.subscribe(inbox.clone()).await.unwrap();
        let request = json!({"batch": 1, "expires": Duration::from_secs(20).as_nanos()}).to_string();
        let asked = now();
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}");
        client
            .publish_with_reply(subject, inbox, request.into())
            .await
            .unwrap();
        let answer = answers.next().await.unwrap();
        let came = now();
        if answer.status.is_some() {
            continue;
        }
        let message = jetstream::Message {
            message: answer,
            context: context.clone(),
        };
        let answered = now();
        message.double_ack().await.unwrap();
        let info = message.info().unwrap();
        log.lock().unwrap().push(Delivery {
            seq: info.stream_sequence,
            published: i64::try_from(info.published.unix_timestamp_nanos()).unwrap(),
            asked,
            came,
            answered,
            confirmed: now(),
            last: info.pending == 0,
        });
    }
}

/// What was shown after one look.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    from: i64,
    ts: i64,
    deliver_per_s: f64,
    ack_per_s: f64,
    pending: i64,
    /// Milliseconds: estimated before it was asked for, and exact.
    lags: [Option<i64>; 2],
    eta_s: Option<f64>,
}

/// Everything that was shown.
#[derive(Debug, Default)]
struct Album {
    /// Server times of all looks at the consumer, and at the stream.
    times: [Vec<i64>; 2],
    consumer: Vec<Shown>,
    /// Window, and messages published a second in it.
    stream: Vec<(i64, i64, f64)>,
}

/// Where a window that ends with the last of these begins.
fn begin(times: &[i64]) -> i64 {
    let end = times[times.len() - 1];
    let first = times.iter().position(|ts| *ts >= end - WINDOW).unwrap();
    times[first.min(times.len().saturating_sub(2))]
}

impl Album {
    fn take(&mut self, report: &Report, body: &Body) {
        let Some(row) = seen::consumer(report, STREAM, CONSUMER) else {
            return;
        };
        match body {
            Body::Consumers(sample) => {
                self.times[0].push(sample.consumers[0].ts.unwrap());
                let derived = &row.derived;
                self.consumer.push(Shown {
                    from: begin(&self.times[0]),
                    ts: sample.consumers[0].ts.unwrap(),
                    deliver_per_s: derived.deliver_per_s.unwrap_or_default(),
                    ack_per_s: derived.ack_per_s.unwrap_or_default(),
                    pending: i64::try_from(row.raw.as_ref().unwrap().num_pending).unwrap(),
                    lags: [derived.time_lag_ms, None],
                    eta_s: derived.eta_s.filter(|_| row.state == Is::CatchingUp),
                });
            }
            Body::Message(_) if row.derived.time_lag_confidence == Some(Confidence::Exact) => {
                if let Some(shown) = self.consumer.last_mut() {
                    shown.lags[1] = row.derived.time_lag_ms;
                }
            }
            Body::Streams(sample) => {
                self.times[1].push(sample.streams[0].ts.unwrap());
                let rate = seen::stream(report, STREAM).and_then(|row| row.derived.publish_per_s);
                self.stream.push((
                    begin(&self.times[1]),
                    sample.streams[0].ts.unwrap(),
                    rate.unwrap_or_default(),
                ));
            }
            _ => {}
        }
    }
}

/// What was so.
struct Truth(Vec<Delivery>);

impl Truth {
    fn count(&self, wanted: impl Fn(&Delivery) -> bool) -> i64 {
        i64::try_from(self.0.iter().filter(|one| wanted(one)).count()).unwrap()
    }

    /// How often something happened in a second of a window: at least, so far as was heard here, at most.
    fn rate(&self, from: i64, until: i64, when: impl Fn(&Delivery) -> (i64, i64)) -> [f64; 3] {
        let least = self.count(|one| when(one).0 > from && when(one).1 <= until);
        let heard = self.count(|one| when(one).1 > from && when(one).1 <= until);
        let most = self.count(|one| when(one).1 > from && when(one).0 <= until);
        [least, heard, most].map(|count| float(count) / seconds(until - from))
    }

    fn pending(&self, at: i64) -> [f64; 3] {
        let there = self.count(|one| one.published <= at);
        let (asked, came) = (
            self.count(|one| one.asked <= at),
            self.count(|one| one.came <= at),
        );
        [there - asked, there - came, there - came].map(float)
    }

    /// Age in milliseconds of the message that is delivered next.
    fn lag(&self, at: i64) -> [f64; 3] {
        let age = |when: fn(&Delivery) -> i64| {
            let waits = self.0.iter().filter(|one| when(one) > at && one.published <= at);
            let next = waits.min_by_key(|one| one.seq);
            next.map_or(0.0, |one| seconds(at - one.published) * 1e3)
        };
        [age(|one| one.asked), age(|one| one.came), age(|one| one.came)]
    }

    /// Seconds until the queue was empty.
    fn left(&self, at: i64) -> Option<f64> {
        let empty = self
            .0
            .iter()
            .filter(|one| one.last && one.came > at)
            .map(|one| one.came);
        empty.min().map(|empty| seconds(empty - at))
    }
}

/// Errors of one figure, as shares of the truth.
#[derive(Default)]
struct Errors(Vec<f64>);

impl Errors {
    /// `shown` must lie in the range, or within 5 % or one unit of it.
    fn check(&mut self, what: &str, shown: f64, [least, heard, most]: [f64; 3], unit: f64) {
        let room = |end: f64| (end * 0.05).max(unit);
        assert!(
            shown >= least - room(least) && shown <= most + room(most),
            "{what}: {shown}, and it was {heard} ({least} to {most})"
        );
        // What one unit makes of very little is no error.
        if heard >= 20.0 * unit {
            self.note(shown, heard);
        }
    }

    fn note(&mut self, shown: f64, truth: f64) {
        if truth > 0.0 {
            self.0.push((shown - truth).abs() / truth);
        }
    }

    /// Their middle and the worst of them, in percent.
    fn summary(&mut self) -> (f64, f64) {
        self.0.sort_by(f64::total_cmp);
        assert!(self.0.len() >= 3, "too few to say: {:?}", self.0);
        (self.0[self.0.len() / 2] * 100.0, self.0[self.0.len() - 1] * 100.0)
    }
}

/// A queue that grows for twenty seconds, and is worked off then.
async fn observed(server: &Server) -> (Album, Truth) {
    let mut stage = Stage::open(server.address(), None).await;
    stage.both(json!({}), json!({})).await;
    let log = Log::default();
    let mut slots = JoinSet::new();
    let client = stage.another().await;
    for _ in 0..SLOTS {
        slots.spawn(work(client.clone(), Arc::clone(&log)));
    }
    let publisher = stage.publisher(200.0);
    let mut album = Album::default();
    let mut turned = false;
    loop {
        let (report, event) = stage.seen.next().await;
        album.take(&report, &event.body);
        let lasts = album.times[0].first().map_or(0, |first| now() - first);
        if !turned && lasts > 20_000_000_000 {
            publisher.per_s(40.0);
            turned = true;
        }
        let worked_off = album.consumer.last().is_some_and(|shown| shown.pending < 10);
        if turned && worked_off && lasts > 22_000_000_000 {
            break;
        }
    }
    drop(publisher);
    // What is still there belongs to the truth too.
    stage
        .row("worked off", |row| {
            row.raw
                .as_ref()
                .is_some_and(|raw| raw.num_pending == 0 && raw.num_ack_pending == 0)
        })
        .await;
    drop(slots);
    let deliveries = log.lock().unwrap().clone();
    (album, Truth(deliveries))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_is_what_was_so() {
    let server = Server::start().unwrap();
    let (album, truth) = observed(&server).await;
    let mut errors: BTreeMap<&str, Errors> = BTreeMap::new();
    let mut check = |what: &'static str, shown: f64, range: [f64; 3], unit: f64| {
        errors.entry(what).or_default().check(what, shown, range, unit);
    };
    for (from, until, rate) in &album.stream {
        if until - from >= LEAST {
            let exact = truth.rate(*from, *until, |one| (one.published, one.published));
            check("published/s", *rate, exact, 0.2);
        }
    }
    for shown in &album.consumer {
        let (from, ts) = (shown.from, shown.ts);
        if ts - from >= LEAST {
            check(
                "DLV/s",
                shown.deliver_per_s,
                truth.rate(from, ts, |one| (one.asked, one.came)),
                0.2,
            );
            check(
                "ACK/s",
                shown.ack_per_s,
                truth.rate(from, ts, |one| (one.answered, one.confirmed)),
                0.2,
            );
        }
        check("QUEUED", float(shown.pending), truth.pending(ts), 1.0);
        if let Some(lag) = shown.lags[1].filter(|_| shown.pending > 200) {
            check("AGE", float(lag), truth.lag(ts), 2.0);
        }
    }
    // What is said of the future, or marked as an estimate, may be wrong now and then.
    for shown in &album.consumer {
        if let Some(lag) = shown.lags[0].filter(|_| shown.pending > 200) {
            let heard = truth.lag(shown.ts)[1];
            errors.entry("AGE with ~").or_default().note(float(lag), heard);
        }
    }
    for shown in &album.consumer {
        let left = truth.left(shown.ts).filter(|left| *left > 4.0);
        if let (Some(eta), Some(left)) = (shown.eta_s, left) {
            errors.entry("ETA").or_default().note(eta, left);
        }
    }
    println!("{:<12} {:>7} {:>9} {:>9}", "", "samples", "middle", "worst");
    for (what, errors) in &mut errors {
        let (middle, worst) = errors.summary();
        println!("{what:<12} {:>7} {middle:>8.2}% {worst:>8.2}%", errors.0.len());
        assert!(middle < 5.0, "{what}: {middle} %");
    }
}
