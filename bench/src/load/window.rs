//! The span of time in which requests are counted.

use std::time::{Duration, Instant};

/// From the end of the warm-up to the end of the load.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Load begins; nothing counts yet.
    pub begin: Instant,
    /// Counting begins.
    pub open: Instant,
    /// Counting and sending end.
    pub close: Instant,
}

impl Window {
    /// A window whose warm-up begins now.
    pub fn starting_now(warm_up: Duration, measure: Duration) -> Self {
        let begin = Instant::now();
        Self {
            begin,
            open: begin + warm_up,
            close: begin + warm_up + measure,
        }
    }

    /// Whether something that happened at `instant` counts.
    pub fn counts(&self, instant: Instant) -> bool {
        instant >= self.open && instant < self.close
    }
}
