//! What the JetStream API may be asked, by all sources together: one request a second for every 256 consumers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::number;

/// Consumers that are in one page of a list, and for which one request a second is allowed.
pub(super) const UNIT: u64 = 256;
/// Requests a second for each of them, a little less than is allowed: clocks and answers are never exactly on time.
const RATE: f64 = 0.95;
/// The share of it that questions beside the plan may take.
const ASIDE: f64 = 0.25;
/// Requests for each unit that may be made at once after a time with few: what is new is looked at several times soon.
const BURST: f64 = 30.0;
/// Rounds without a question of others after which nothing is kept for them.
const ALONE: u32 = 5;

/// How many units so many consumers are.
pub(super) fn units(consumers: u64) -> u64 {
    consumers.div_ceil(UNIT).max(1)
}

/// Requests that the plan does not make but has to leave room for: those for single messages, where they go through the same API.
#[derive(Clone, Debug, Default)]
pub(in crate::observe) struct Aside(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicU64,
    /// One less than the number of units.
    more_units: AtomicU64,
}

impl Aside {
    /// One request was made.
    pub(in crate::observe) fn asked(&self) {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
    }

    /// The time between two of them.
    pub(in crate::observe) fn pause(&self) -> Duration {
        let units = number(self.0.more_units.load(Ordering::Relaxed)) + 1.0;
        Duration::from_secs_f64(1.0 / (units * RATE * ASIDE))
    }
}

/// A bucket of requests, filled at a steady rate.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Those that others have made.
    pub(super) aside: Aside,
    /// How many of them were already counted here.
    counted: u64,
    units: u64,
    /// When it was last looked at, and how many requests were left then; fewer than none if some were not to be put off.
    left: Option<(Instant, f64)>,
    /// Rounds since others have asked: for a while they are left their share.
    alone: u32,
}

impl Allowance {
    /// Full.
    pub(super) fn new(aside: Aside) -> Self {
        Self {
            counted: aside.0.asked.load(Ordering::Relaxed),
            aside,
            units: 1,
            left: None,
            alone: ALONE,
        }
    }

    /// There are so many consumers now; said once a round.
    pub(super) fn is_for(&mut self, consumers: u64) {
        let more = units(consumers).saturating_sub(self.units);
        self.units = units(consumers);
        self.aside.0.more_units.store(self.units - 1, Ordering::Relaxed);
        let asked = self.aside.0.asked.load(Ordering::Relaxed);
        let new = asked.saturating_sub(self.counted);
        self.counted = asked;
        self.alone = if new > 0 { 0 } else { (self.alone + 1).min(ALONE) };
        if let Some((_, left)) = &mut self.left {
            *left += number(more) * BURST - number(new);
        }
    }

    /// Requests a second that the plan may make.
    pub(super) fn per_s(&self) -> f64 {
        let share = if self.alone < ALONE { 1.0 - ASIDE } else { 1.0 };
        self.filled_per_s() * share
    }

    fn filled_per_s(&self) -> f64 {
        number(self.units) * RATE
    }

    fn left(&self, now: Instant) -> f64 {
        let full = number(self.units) * BURST;
        self.left.map_or(full, |(at, left)| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            (left + since * self.filled_per_s()).min(full)
        })
    }

    /// Whether so many requests may be made soon, beside all that is made regularly.
    pub(super) fn has_room_for(&self, requests: u64) -> bool {
        number(requests) <= number(self.units) * BURST * 0.8
    }

    /// So many requests were made.
    pub(super) fn take(&mut self, requests: u64, now: Instant) {
        self.left = Some((now, self.left(now) - number(requests)));
    }

    /// When the next one may be made; none: now.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let lacking = 1.0 - self.left(now);
        (lacking > 0.0).then(|| now + Duration::from_secs_f64(lacking / self.filled_per_s()))
    }
}
