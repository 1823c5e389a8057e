//! Everything that one consumer's samples tell together.

use super::{History, Point, Rates, StreamHistory, least_squares, median_slope};
use crate::number::{SECOND, change, finite, float, from_seconds, later, nanos, seconds};
use crate::sample::{ConsumerSample, Discard, Message, Position, Retention, ServerNanos, StreamSample};
use crate::threshold::Thresholds;

/// How far back the slope of the queue looks.
const DRAIN: i64 = 60 * SECOND;

/// So few messages are as good as none.
const EMPTY: u64 = 10;

/// So long the queue must go another way before what was before its turn is left out.
const TURN: i64 = 8 * SECOND;

/// So long, if it has shrunk from each sample to the next: three samples at one in two seconds.
const SOON: i64 = 3_500_000_000;

/// An age by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLag {
    /// Nanoseconds.
    pub nanos: i64,
    /// The message's own time; otherwise it lies on a line between two others.
    pub exact: bool,
}

/// The time until retention drops what is not delivered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runway {
    /// Nanoseconds.
    pub nanos: i64,
    /// As long as a message stays at the present rate: what there would be with nothing queued.
    pub horizon_nanos: i64,
}

/// What is known of single messages of a consumer.
#[derive(Clone, Debug, Default)]
pub struct Exact {
    next: Option<(u64, Message)>,
    oldest_unacked: Option<(u64, Message)>,
}

impl Exact {
    /// The first message of the filter from `asked` on.
    pub fn learn(&mut self, position: Position, asked: u64, message: Option<Message>) {
        let known = message
            .filter(|message| message.seq >= asked)
            .map(|message| (asked, message));
        match position {
            Position::Next => self.next = known,
            Position::OldestUnacked => self.oldest_unacked = known,
        }
    }

    /// The message at `position`, as long as it is still that one: everything up to `done` is behind the consumer.
    pub fn message(&self, position: Position, done: u64) -> Option<&Message> {
        let (asked, message) = match position {
            Position::Next => self.next.as_ref()?,
            Position::OldestUnacked => self.oldest_unacked.as_ref()?,
        };
        (*asked <= done.saturating_add(1) && message.seq > done).then_some(message)
    }
}

/// What a consumer's numbers are derived from.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The newest sample.
    pub sample: &'a ConsumerSample,
    /// It and those before.
    pub history: &'a History,
    /// Its stream, once that is known.
    pub stream: Option<(&'a StreamSample, &'a StreamHistory)>,
    /// What is known of single messages.
    pub exact: &'a Exact,
    /// What its owner has set.
    pub thresholds: &'a Thresholds,
}

/// What follows from the samples of one consumer. Nothing is 0 because it is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Derived {
    /// What it does in a second.
    pub rates: Option<Rates>,
    /// By how many messages a second the queue shrinks (least squares over a minute); negative: it grows.
    pub drain_per_s: Option<f64>,
    /// By how many messages a second the queue grows, whatever single dips say.
    pub trend_per_s: Option<f64>,
    /// When the queue will be empty, in seconds; nothing if it does not shrink.
    pub eta_s: Option<f64>,
    /// Age of the message to be delivered next.
    pub time_lag: Option<TimeLag>,
    /// Age of the oldest message that is not acknowledged.
    pub ack_age: Option<TimeLag>,
    /// Time until messages are lost.
    pub runway: Option<Runway>,
    /// At least so many messages were delivered as often as they may be, and lie aside.
    pub parked: u64,
    /// At most so many messages have left the stream undelivered, as it is now.
    pub skipped: u64,
    /// So many messages may wait without anything being wrong.
    pub allowed: u64,
}

impl Derived {
    /// Of the samples so far.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let sample = evidence.sample;
        let rates = Rates::of(evidence.history, sample.ack_policy);
        let segment = segment(evidence.history);
        let drain_per_s = least_squares(line(&segment)).map(|slope| -slope);
        // What is empty drains no more, whatever it did a minute ago.
        let drain_per_s = drain_per_s.map(|drain| {
            if sample.num_pending == 0 {
                drain.min(0.0)
            } else {
                drain
            }
        });
        let trend_per_s = median_slope(line(&segment));
        let time_lag = evidence.time_lag();
        Self {
            rates,
            drain_per_s,
            trend_per_s,
            eta_s: eta(sample.num_pending, drain_per_s, rates)
                .filter(|_| !sample.paused || sample.num_pending == 0),
            time_lag,
            ack_age: evidence.ack_age(),
            runway: time_lag.and_then(|lag| evidence.runway(lag)),
            parked: sample.num_redelivered.saturating_sub(sample.num_ack_pending),
            skipped: evidence.skipped(),
            allowed: evidence.allowed(rates, trend_per_s),
        }
    }
}

impl Evidence<'_> {
    fn time_lag(&self) -> Option<TimeLag> {
        if self.sample.num_pending == 0 {
            return Some(TimeLag {
                nanos: 0,
                exact: true,
            });
        }
        self.age(Position::Next, self.sample.delivered.stream_seq)
    }

    fn ack_age(&self) -> Option<TimeLag> {
        if self.sample.num_ack_pending == 0 {
            return None;
        }
        self.age(Position::OldestUnacked, self.sample.ack_floor.stream_seq)
    }

    fn age(&self, position: Position, done: u64) -> Option<TimeLag> {
        let now = self.sample.ts?;
        let lag = |ts: ServerNanos, exact| TimeLag {
            nanos: later(ts, now).max(0),
            exact,
        };
        let there = |message: &&Message| {
            self.stream
                .is_none_or(|(stream, _)| message.seq >= stream.first_seq)
        };
        if let Some(message) = self.exact.message(position, done).filter(there) {
            return Some(lag(message.ts, true));
        }
        let (stream, history) = self.stream?;
        let seq = done.saturating_add(1).max(stream.first_seq);
        history.time_of(seq).map(|ts| lag(ts, false))
    }

    fn runway(&self, lag: TimeLag) -> Option<Runway> {
        if self.sample.num_pending == 0 {
            return None;
        }
        let (stream, history) = self.stream?;
        let aged = stream.max_age_ns.filter(|age| *age > 0).map(|age| Runway {
            nanos: nanos(age).saturating_sub(lag.nanos).max(0),
            horizon_nanos: nanos(age),
        });
        let drops_old = stream.retention == Some(Retention::Limits) && stream.discard == Some(Discard::Old);
        let publish = history.rates().map_or(0.0, |rates| rates.publish_per_s);
        if !drops_old || publish <= 0.0 {
            return aged;
        }
        let ahead = float(stream.last_seq.saturating_sub(self.sample.delivered.stream_seq));
        let size = float(stream.bytes) / float(stream.messages.max(1));
        let left = |limit: f64, used: f64, per_s: f64| {
            finite(limit / per_s).map(|horizon| Runway {
                nanos: from_seconds(((limit - used) / per_s).max(0.0)),
                horizon_nanos: from_seconds(horizon),
            })
        };
        let by_messages = stream
            .max_msgs
            .and_then(|limit| left(float(limit), ahead, publish));
        let by_bytes = stream
            .max_bytes
            .and_then(|limit| left(float(limit), ahead * size, publish * size));
        [aged, by_messages, by_bytes]
            .into_iter()
            .flatten()
            .min_by_key(|runway| runway.nanos)
    }

    /// Only a stream whose limits drop messages loses them; and a consumer of some subjects passes over the others.
    fn skipped(&self) -> u64 {
        let Some((stream, history)) = self.stream else {
            return 0;
        };
        // Where a newer message of a subject takes the place of an older one, that is no loss but the purpose.
        let replaces = stream.max_msgs_per_subject.is_some_and(|most| most > 0);
        if replaces || stream.retention != Some(Retention::Limits) || !self.sample.filter_subjects.is_empty()
        {
            return 0;
        }
        let then = self.sample.ts.and_then(|ts| history.at(ts));
        then.map_or(0, |then| {
            then.first_seq
                .saturating_sub(1)
                .saturating_sub(self.sample.delivered.stream_seq)
        })
    }

    fn allowed(&self, rates: Option<Rates>, trend_per_s: Option<f64>) -> u64 {
        if let Some(set) = self.thresholds.unprocessed_warn {
            return set;
        }
        let publish = self.stream.and_then(|(_, history)| history.rates());
        let publish = publish.map_or(f64::INFINITY, |rates| rates.publish_per_s);
        let taken = rates.map_or(0.0, |rates| rates.new_per_s) + trend_per_s.unwrap_or(0.0);
        whole(2.0 * taken.max(0.0).min(publish)).max(10)
    }
}

/// The points that say where the queue goes now: those of the last minute or, if it has turned since, those since its turn.
/// A worker that has come back is not judged by the minute without it. A queue that begins to shrink is believed sooner than
/// one that begins to grow; one dip is no turn.
fn segment(history: &History) -> Vec<Point> {
    let mut points: Vec<Point> = history.window(DRAIN).copied().collect();
    // What was before the queue was empty says nothing of how it fills now.
    let empty = points.iter().rposition(|point| point.num_pending <= EMPTY);
    points.drain(..empty.filter(|empty| empty + 1 < points.len()).unwrap_or(0));
    let by_pending = |(_, point): &(usize, &Point)| point.num_pending;
    let highest = points.iter().enumerate().max_by_key(by_pending);
    let lowest = points.iter().enumerate().rev().min_by_key(by_pending);
    let peak = highest
        .map(|(index, _)| index)
        .filter(|peak| shrinks(&points[*peak..]));
    let trough = lowest
        .map(|(index, _)| index)
        .filter(|trough| grows(&points[*trough..]));
    points.drain(..peak.max(trough).unwrap_or(0));
    let run = self::run(&points, |before, after| after < before);
    let (long, short) = (median_slope(line(&points)), median_slope(line(&points[run..])));
    if shrinks(&points[run..])
        && long
            .zip(short)
            .is_some_and(|(long, short)| short < 2.0 * long.min(0.0))
    {
        points.drain(..run);
    }
    let run = self::run(&points, |before, after| after > before);
    if grows(&points[run..]) && long.is_some_and(|long| long <= 0.0) {
        points.drain(..run);
    }
    points
}

/// Where the last points begin of which each follows from the one before as `wanted`.
fn run(points: &[Point], wanted: impl Fn(u64, u64) -> bool) -> usize {
    let breaks = |pair: &[Point]| !wanted(pair[0].num_pending, pair[1].num_pending);
    points.windows(2).rposition(breaks).map_or(0, |last| last + 1)
}

/// Whether a queue has shrunk since the first of these points.
fn shrinks(since: &[Point]) -> bool {
    let falls = |pair: &[Point]| pair[1].num_pending < pair[0].num_pending;
    match since {
        [peak, .., newest] if later(peak.ts, newest.ts) >= TURN => {
            median_slope(line(since)).is_some_and(|slope| slope < 0.0)
        }
        [peak, .., newest] if later(peak.ts, newest.ts) >= SOON => since.windows(2).all(falls),
        _ => false,
    }
}

/// Whether a queue has grown since the first of these points.
fn grows(since: &[Point]) -> bool {
    matches!(since, [trough, .., newest] if later(trough.ts, newest.ts) >= TURN)
        && median_slope(line(since)).is_some_and(|slope| slope > 0.0)
}

/// Seconds before the newest, and messages that wait.
fn line(points: &[Point]) -> impl ExactSizeIterator<Item = (f64, f64)> + Clone {
    let newest = points.last().map_or(0, |point| point.ts);
    points
        .iter()
        .map(move |point| (-seconds(later(point.ts, newest)), change(0, point.num_pending)))
}

/// A queue that shrinks by one message in a quarter of an hour, or by a five-hundredth of what goes through it, does not.
fn eta(num_pending: u64, drain_per_s: Option<f64>, rates: Option<Rates>) -> Option<f64> {
    if num_pending == 0 {
        return Some(0.0);
    }
    let least = rates.map_or(1e-3, |rates| (rates.deliver_per_s * 2e-3).max(1e-3));
    let drain = drain_per_s.filter(|drain| *drain > least)?;
    finite(float(num_pending) / drain)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and it is not negative"
)]
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}
