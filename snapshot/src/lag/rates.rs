//! What a consumer does in a second.

use super::{History, Point};
use crate::number::{SECOND, change, float, later, seconds};
use crate::sample::AckPolicy;

/// How far back rates look.
const WINDOW: i64 = 10 * SECOND;

/// Messages a second of one consumer, over the last ten seconds or the last two samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// All deliveries.
    pub deliver_per_s: f64,
    /// Deliveries of a message for the first time: exact if the consumer takes all subjects and nothing was deleted from
    /// between, else not more than this.
    pub new_per_s: f64,
    /// Repeated deliveries: exact where `new_per_s` is, else not less than this.
    pub redeliver_per_s: f64,
    /// Acknowledged, given up or parked; nothing where nothing needs to be acknowledged. Made from what is delivered and what
    /// is out, never from the acknowledged floor: one stuck message pins that.
    pub ack_per_s: Option<f64>,
}

impl Rates {
    /// The rates now; nothing with fewer than two points.
    pub fn of(history: &History, ack_policy: Option<AckPolicy>) -> Option<Self> {
        Self::over(history.window(WINDOW), ack_policy)
    }

    /// The rates between two points.
    pub fn between(before: &Point, after: &Point, ack_policy: Option<AckPolicy>) -> Option<Self> {
        Self::over([before, after].into_iter(), ack_policy)
    }

    fn over<'a>(
        window: impl DoubleEndedIterator<Item = &'a Point> + Clone,
        ack_policy: Option<AckPolicy>,
    ) -> Option<Self> {
        let (first, last) = (window.clone().next()?, window.clone().next_back()?);
        let elapsed = seconds(later(first.ts, last.ts));
        if elapsed <= 0.0 {
            return None;
        }
        let (delivered, again) = deliveries(window);
        let fresh = delivered - again;
        let out = change(first.num_ack_pending.into(), last.num_ack_pending.into());
        Some(Self {
            deliver_per_s: float(delivered) / elapsed,
            new_per_s: float(fresh) / elapsed,
            redeliver_per_s: float(again) / elapsed,
            ack_per_s: (ack_policy != Some(AckPolicy::None)).then(|| (float(fresh) - out).max(0.0) / elapsed),
        })
    }
}

/// Deliveries, and how many of them at least were repeated: a message that is delivered for the first time moves the stream's
/// sequence by at least 1.
pub(crate) fn deliveries<'a>(window: impl Iterator<Item = &'a Point> + Clone) -> (u64, u64) {
    let pairs = window.clone().zip(window.skip(1));
    pairs.fold((0, 0), |(all, again), (before, after)| {
        let delivered = after.consumer_seq.saturating_sub(before.consumer_seq);
        let moved = after.stream_seq.saturating_sub(before.stream_seq);
        (
            u64::saturating_add(all, delivered),
            u64::saturating_add(again, delivered.saturating_sub(moved)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(points: &[(u64, u64, u32)]) -> History {
        let mut history = History::default();
        for (index, &(consumer_seq, stream_seq, num_ack_pending)) in points.iter().enumerate() {
            history.push(Point {
                ts: i64::try_from(index).unwrap() * 2 * SECOND,
                consumer_seq,
                stream_seq,
                floor_seq: 0,
                num_pending: 0,
                num_ack_pending,
                num_redelivered: 0,
                num_waiting: 0,
            });
        }
        history
    }

    #[test]
    fn one_stuck_message_does_not_hide_acknowledgements() {
        let rates = Rates::of(&history(&[(0, 0, 1), (200, 200, 1), (400, 400, 1)]), None).unwrap();
        assert_eq!((rates.deliver_per_s, rates.ack_per_s), (100.0, Some(100.0)));
    }

    #[test]
    fn what_moves_no_stream_sequence_was_delivered_before() {
        let rates = Rates::of(&history(&[(0, 5, 3), (10, 5, 3), (40, 15, 3)]), None).unwrap();
        assert_eq!((rates.redeliver_per_s, rates.new_per_s), (7.5, 2.5));
        assert_eq!(rates.ack_per_s, Some(2.5));
    }

    #[test]
    fn messages_that_pile_up_unacknowledged_are_not_acknowledged() {
        let rates = Rates::of(&history(&[(0, 0, 0), (100, 100, 100)]), None).unwrap();
        assert_eq!(rates.ack_per_s, Some(0.0));
        let none = Rates::of(&history(&[(0, 0, 0), (100, 100, 0)]), Some(AckPolicy::None)).unwrap();
        assert_eq!(none.ack_per_s, None);
    }

    #[test]
    fn one_sample_has_no_rate() {
        assert_eq!(Rates::of(&history(&[(5, 5, 0)]), None), None);
    }
}
