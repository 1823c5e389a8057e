//! How long and how often everything is measured.

use std::time::Duration;

use serde::Serialize;

use crate::feed::FeedLoad;
use crate::load::{Load, Pace};

/// Durations and counts of one run.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Plan {
    /// Rounds over which medians are taken; systems take turns within each.
    pub rounds: usize,
    /// Load before counting begins.
    pub warm_up: Duration,
    /// Counted time of each load.
    pub measure: Duration,
    /// Requests after which the proxy's memory must be where it was.
    pub growth_requests: u64,
    /// Requests that nobody answers after which the proxy's memory must be where it was.
    pub growth_time_outs: u64,
    /// The load of the live feed.
    pub feed: FeedLoad,
}

impl Plan {
    /// What `make bench` runs.
    pub const FULL: Self = Self {
        rounds: 5,
        warm_up: Duration::from_secs(1),
        measure: Duration::from_secs(4),
        growth_requests: 1_000_000,
        growth_time_outs: 100_000,
        feed: FeedLoad {
            clients: 1_000,
            per_second: 500,
            time: Duration::from_secs(20),
        },
    };
    /// For development: the same measurements, too short to quote.
    pub const QUICK: Self = Self {
        rounds: 3,
        warm_up: Duration::from_millis(300),
        measure: Duration::from_secs(1),
        growth_requests: 100_000,
        growth_time_outs: 5_000,
        feed: FeedLoad {
            clients: 1_000,
            per_second: 500,
            time: Duration::from_secs(3),
        },
    };

    /// The loads every system gets, by name.
    pub fn loads(&self) -> [(&'static str, Load); 4] {
        let load = |callers, pace| Load {
            callers,
            pace,
            warm_up: self.warm_up,
            measure: self.measure,
        };
        [
            ("1", load(1, Pace::Closed)),
            ("64", load(64, Pace::Closed)),
            ("800", load(800, Pace::Closed)),
            ("1000/s", load(64, Pace::Open(1_000))),
        ]
    }
}
