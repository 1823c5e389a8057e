//! What one client got of the events, and how late; then what all of them got.

use hdrhistogram::Histogram;

/// The longest delay told apart, in microseconds: two minutes.
const HIGHEST_MICROSECONDS: u64 = 120_000_000;

/// The account of a client.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Which events came, by their numbers.
    seen: Vec<bool>,
    /// The number after the highest that came.
    next: usize,
    pub(super) delivered: u64,
    pub(super) doubled: u64,
    pub(super) out_of_order: u64,
    pub(super) resumed: u64,
    /// Microseconds.
    pub(super) delays: Histogram<u64>,
}

impl Default for Ledger {
    fn default() -> Self {
        let delays = Histogram::new_with_bounds(1, HIGHEST_MICROSECONDS, 2);
        Self {
            seen: Vec::new(),
            next: 0,
            delivered: 0,
            doubled: 0,
            out_of_order: 0,
            resumed: 0,
            delays: delays.expect("1 µs to 120 s at two digits is a valid range"),
        }
    }
}

impl Ledger {
    /// Enters an event that came so many microseconds after it was published.
    pub(super) fn enter(&mut self, number: usize, delay: u64) {
        if self.seen.len() <= number {
            self.seen.resize(number + 1, false);
        }
        if std::mem::replace(&mut self.seen[number], true) {
            self.doubled += 1;
            return;
        }
        if number < self.next {
            self.out_of_order += 1;
        }
        self.next = self.next.max(number + 1);
        self.delivered += 1;
        self.delays.saturating_record(delay);
    }

    /// Whether all of that many events have come.
    pub(super) fn has_all(&self, events: usize) -> bool {
        self.delivered >= events as u64
    }

    /// Adds another client's account.
    pub(super) fn merge(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
        self.resumed += other.resumed;
        self.delays.add(other.delays).expect("both have the same range");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_lost_doubled_or_late_by_itself() {
        let mut ledger = Ledger::default();
        for number in [0, 1, 3, 2, 3, 5] {
            ledger.enter(number, 10);
        }
        assert_eq!((ledger.delivered, ledger.doubled, ledger.out_of_order), (5, 1, 1));
        assert!(!ledger.has_all(6));
        ledger.enter(4, 2_000_000_000);
        assert!(ledger.has_all(6));
        let mut all = Ledger::default();
        all.merge(ledger);
        assert_eq!((all.delivered, all.out_of_order), (6, 2));
    }
}
