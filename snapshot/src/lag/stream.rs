//! The last samples of one stream.

use std::collections::VecDeque;

use super::{Curve, KEPT, least_squares};
use crate::number::{SECOND, float, from_seconds, later, seconds};
use crate::sample::{ServerNanos, StreamSample};

/// How far back rates look.
const WINDOW: i64 = 10 * SECOND;

/// What of a stream's sample changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPoint {
    /// Server time.
    pub ts: ServerNanos,
    /// Sequence of the oldest message.
    pub first_seq: u64,
    /// Sequence of the newest message.
    pub last_seq: u64,
    /// Messages in it.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a stream does in a second, over the last ten seconds or the last two samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamRates {
    /// Messages that it took.
    pub publish_per_s: f64,
    /// By how many messages it grows, over a minute; negative: it shrinks.
    pub growth_per_s: Option<f64>,
}

/// The last points of one stream, the oldest first, and when it took what.
#[derive(Clone, Debug, Default)]
pub struct StreamHistory {
    points: VecDeque<StreamPoint>,
    curve: Curve,
}

impl StreamHistory {
    /// Adds a sample. `false` if its sequences or its time went back and what was before is dropped.
    pub fn push(&mut self, sample: &StreamSample) -> bool {
        let Some(ts) = sample.ts else { return true };
        let point = StreamPoint {
            ts,
            first_seq: sample.first_seq,
            last_seq: sample.last_seq,
            messages: sample.messages,
            bytes: sample.bytes,
        };
        let mut continued = true;
        if let Some(last) = self.points.back() {
            if last.ts == ts {
                return true;
            }
            continued = last.ts < ts && last.last_seq <= point.last_seq && last.first_seq <= point.first_seq;
        }
        if !continued {
            self.points.clear();
            self.curve.clear();
        }
        if self.points.len() == KEPT {
            self.points.pop_front();
        }
        self.points.push_back(point);
        self.learn(sample);
        continued
    }

    fn learn(&mut self, sample: &StreamSample) {
        self.curve.forget_before(sample.first_seq);
        if let (Some(first_ts), true) = (sample.first_ts, sample.messages > 0) {
            self.curve.learn(sample.first_seq, first_ts);
        }
        if let (Some(last_ts), true) = (sample.last_ts, sample.last_seq > 0) {
            self.curve.learn(sample.last_seq, last_ts);
        }
    }

    /// The message of that sequence has that time.
    pub fn learn_message(&mut self, seq: u64, ts: ServerNanos) {
        self.curve.learn(seq, ts);
    }

    /// The newest point.
    pub fn last(&self) -> Option<&StreamPoint> {
        self.points.back()
    }

    /// All points, the oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &StreamPoint> + ExactSizeIterator + Clone {
        self.points.iter()
    }

    /// The newest point that is not newer than that time: two polls that are compared must not show a difference that is only
    /// the time between them.
    pub fn at(&self, ts: ServerNanos) -> Option<&StreamPoint> {
        self.points.iter().rev().find(|point| point.ts <= ts)
    }

    /// About when the stream took that sequence; one that came after the last sample came at the rate of those before, or, if there is
    /// none, with that.
    pub fn time_of(&self, seq: u64) -> Option<ServerNanos> {
        self.curve.time_of(seq).or_else(|| {
            let last = self.last()?;
            let rate = self.rates().map_or(0.0, |rates| rates.publish_per_s);
            let since = if rate > 0.0 {
                from_seconds(float(seq.saturating_sub(last.last_seq)) / rate)
            } else {
                0
            };
            Some(last.ts.saturating_add(since))
        })
    }

    /// The rates now; nothing with fewer than two points.
    pub fn rates(&self) -> Option<StreamRates> {
        let last = self.last()?;
        let begin = last.ts.saturating_sub(WINDOW);
        let old = self.points.partition_point(|point| point.ts < begin);
        let first = self.points.get(old.min(self.points.len().checked_sub(2)?))?;
        let elapsed = seconds(later(first.ts, last.ts));
        (elapsed > 0.0).then(|| StreamRates {
            publish_per_s: float(last.last_seq.saturating_sub(first.last_seq)) / elapsed,
            growth_per_s: self.growth(last),
        })
    }

    fn growth(&self, last: &StreamPoint) -> Option<f64> {
        let begin = last.ts.saturating_sub(60 * SECOND);
        let recent = self.points.iter().filter(move |point| point.ts >= begin);
        least_squares(recent.map(|point| (seconds(later(last.ts, point.ts)), float(point.messages))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64, first_seq: u64, last_seq: u64) -> StreamSample {
        StreamSample {
            ts: Some(second * SECOND),
            first_seq,
            last_seq,
            messages: last_seq - first_seq + 1,
            first_ts: Some(0),
            last_ts: Some(second * SECOND),
            ..StreamSample::default()
        }
    }

    #[test]
    fn rates_and_times_come_from_the_server() {
        let mut history = StreamHistory::default();
        for second in 0..20 {
            assert!(history.push(&sample(second, 1, 1 + u64::try_from(second).unwrap() * 50)));
        }
        let rates = history.rates().unwrap();
        assert!((rates.publish_per_s - 50.0).abs() < 1e-6);
        assert!((rates.growth_per_s.unwrap() - 50.0).abs() < 1e-6);
        assert_eq!(history.time_of(26), Some(SECOND / 2));
        assert_eq!(history.time_of(1_001), Some(20 * SECOND));
        assert_eq!(history.at(7 * SECOND + 5).unwrap().ts, 7 * SECOND);
    }

    #[test]
    fn what_came_after_a_single_sample_came_with_it() {
        let mut history = StreamHistory::default();
        history.push(&sample(7, 1, 10));
        assert_eq!(history.time_of(5_000), Some(7 * SECOND));
    }

    #[test]
    fn a_stream_made_anew_has_no_past() {
        let mut history = StreamHistory::default();
        history.push(&sample(0, 1, 500));
        assert!(!history.push(&sample(2, 1, 3)));
        assert_eq!(history.rates(), None);
    }
}
