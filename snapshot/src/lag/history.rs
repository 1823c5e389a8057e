//! The last samples of one consumer, compact: thousands of consumers have one each.

use std::collections::VecDeque;

use crate::number::{change, later};
use crate::sample::{ConsumerSample, ServerNanos};

/// Samples kept: five minutes, at one in two seconds.
pub const KEPT: usize = 150;

/// What of a sample changes. Gauges above 2^32 are kept as 2^32 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Server time.
    pub ts: ServerNanos,
    /// `delivered.consumer_seq`.
    pub consumer_seq: u64,
    /// `delivered.stream_seq`.
    pub stream_seq: u64,
    /// `ack_floor.stream_seq`.
    pub floor_seq: u64,
    /// Matching messages not delivered yet.
    pub num_pending: u64,
    /// Messages delivered and not acknowledged.
    pub num_ack_pending: u32,
    /// Messages marked as delivered more than once.
    pub num_redelivered: u32,
    /// Pull requests that wait.
    pub num_waiting: u32,
}

impl Point {
    /// Of a sample; nothing if the server does not say when that was.
    pub fn of(sample: &ConsumerSample) -> Option<Self> {
        let small = |gauge: u64| u32::try_from(gauge).unwrap_or(u32::MAX);
        Some(Self {
            ts: sample.ts?,
            consumer_seq: sample.delivered.consumer_seq,
            stream_seq: sample.delivered.stream_seq,
            floor_seq: sample.ack_floor.stream_seq,
            num_pending: sample.num_pending,
            num_ack_pending: small(sample.num_ack_pending),
            num_redelivered: small(sample.num_redelivered),
            num_waiting: small(sample.num_waiting),
        })
    }

    /// At least so many messages left the queue since `earlier` without being delivered: expired, purged or deleted.
    pub fn vanished_since(&self, earlier: &Self) -> u64 {
        let delivered = self.consumer_seq.saturating_sub(earlier.consumer_seq);
        earlier
            .num_pending
            .saturating_sub(self.num_pending)
            .saturating_sub(delivered)
    }

    /// Whether anything was delivered or acknowledged since `earlier`.
    pub fn moved_since(&self, earlier: &Self) -> bool {
        self.consumer_seq != earlier.consumer_seq
            || self.floor_seq != earlier.floor_seq
            || self.num_ack_pending < earlier.num_ack_pending
    }
}

/// What became of a point that was put to a [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It continues what was there.
    Added,
    /// It is the sample that was there already.
    Same,
    /// Its sequences or its time went back: what was before does not belong to it, and is dropped.
    Reset,
    /// A great part of the queue has gone undelivered. What was before says nothing about the slope any more.
    Purged(u64),
}

/// The last points of one consumer, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    points: VecDeque<Point>,
}

impl History {
    /// Adds a point.
    pub fn push(&mut self, point: Point) -> Taken {
        let taken = self
            .points
            .back()
            .map_or(Taken::Added, |last| continues(last, &point));
        match taken {
            Taken::Same => return taken,
            Taken::Reset | Taken::Purged(_) => self.points.clear(),
            Taken::Added => {}
        }
        if self.points.len() == KEPT {
            self.points.pop_front();
        } else if self.points.len() == self.points.capacity() {
            self.points.reserve_exact((KEPT - self.points.len()).min(30));
        }
        self.points.push_back(point);
        taken
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.points.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Point> {
        self.points.back()
    }

    /// All, the oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &Point> + ExactSizeIterator + Clone {
        self.points.iter()
    }

    /// Those of the last `nanos`, the oldest first; with fewer than two of them, the last two.
    pub fn window(&self, nanos: i64) -> impl DoubleEndedIterator<Item = &Point> + ExactSizeIterator + Clone {
        let begin = self.last().map_or(0, |last| last.ts.saturating_sub(nanos));
        let old = self.points.partition_point(|point| point.ts < begin);
        self.points
            .iter()
            .skip(old.min(self.points.len().saturating_sub(2)))
    }

    /// How long the points go back from the newest without `wanted` failing, in nanoseconds; nothing if it fails for the newest.
    pub fn lasting(&self, wanted: impl Fn(&Point) -> bool) -> Option<i64> {
        let last = self.last()?;
        let first = self
            .points
            .iter()
            .rev()
            .take_while(|point| wanted(point))
            .last()?;
        Some(later(first.ts, last.ts))
    }

    /// The time between the oldest and the newest.
    pub fn covers(&self) -> i64 {
        match (self.points.front(), self.points.back()) {
            (Some(first), Some(last)) => later(first.ts, last.ts),
            _ => 0,
        }
    }
}

/// How `next` follows `last`.
fn continues(last: &Point, next: &Point) -> Taken {
    if next.ts == last.ts {
        return Taken::Same;
    }
    if next.ts < last.ts || next.consumer_seq < last.consumer_seq || next.stream_seq < last.stream_seq {
        return Taken::Reset;
    }
    let vanished = next.vanished_since(last);
    if vanished >= 10 && change(0, vanished) >= change(0, last.num_pending) / 2.0 {
        return Taken::Purged(vanished);
    }
    Taken::Added
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{History, KEPT, Point, Taken};
    use crate::number::SECOND;

    fn point(second: i64, seq: u64, num_pending: u64) -> Point {
        Point {
            ts: second * SECOND,
            consumer_seq: seq,
            stream_seq: seq,
            floor_seq: 0,
            num_pending,
            num_ack_pending: 0,
            num_redelivered: 0,
            num_waiting: 0,
        }
    }

    #[test_case(point(2, 10, 100), Taken::Added; "time goes on")]
    #[test_case(point(0, 10, 100), Taken::Same; "the same reply again")]
    #[test_case(point(-1, 10, 100), Taken::Reset; "another leader with another clock")]
    #[test_case(point(2, 9, 100), Taken::Reset; "sequences go back")]
    #[test_case(point(2, 10, 0), Taken::Purged(100); "the queue is empty and nothing was delivered")]
    #[test_case(point(2, 110, 0), Taken::Added; "the queue is empty and all was delivered")]
    #[test_case(point(2, 10, 80), Taken::Added; "some messages expired")]
    fn a_point_continues_or_begins_anew(next: Point, taken: Taken) {
        let mut history = History::default();
        assert_eq!(history.push(point(0, 10, 100)), Taken::Added);
        assert_eq!(history.push(next), taken);
        let kept = if taken == Taken::Added { 2 } else { 1 };
        assert_eq!(history.len(), kept);
    }

    #[test]
    fn a_point_takes_few_bytes_and_their_number_is_bounded() {
        assert!(size_of::<Point>() <= 56);
        let mut history = History::default();
        for second in 0..1_000 {
            history.push(point(second, 0, 0));
        }
        assert_eq!((history.len(), history.points.capacity()), (KEPT, KEPT));
        assert_eq!(history.covers(), 149 * SECOND);
        assert_eq!(history.window(10 * SECOND).len(), 11);
        assert_eq!(history.window(0).len(), 2);
    }
}
