//! The server's clock, by which messages are stamped, seen from this machine's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// How far the server's clock is ahead of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offset {
    nanos: i128,
}

fn nanos_now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}

impl Offset {
    /// From what the server's clock showed halfway through a request that took `round_trip` and has just ended.
    pub(super) fn measured(server_unix_nanos: i128, round_trip: Duration) -> Self {
        let half = i128::try_from(round_trip.as_nanos() / 2).unwrap_or(0);
        Self {
            nanos: server_unix_nanos + half - nanos_now(),
        }
    }

    /// The moment `timeout` after a message was stored; in the past if that is over.
    pub(super) fn deadline(self, stored_unix_nanos: u64, timeout: Duration) -> Instant {
        let timeout = i128::try_from(timeout.as_nanos()).unwrap_or(i128::MAX);
        let remaining = i128::from(stored_unix_nanos).saturating_add(timeout) - (nanos_now() + self.nanos);
        let now = Instant::now();
        let span = Duration::from_nanos(u64::try_from(remaining.abs()).unwrap_or(u64::MAX));
        let moment = if remaining >= 0 {
            now.checked_add(span)
        } else {
            now.checked_sub(span)
        };
        moment.unwrap_or(now)
    }

    /// How long ago a message was stored; nothing if the clocks say that it has yet to be.
    pub(super) fn since(self, stored_unix_nanos: u64) -> Duration {
        let age = nanos_now() + self.nanos - i128::from(stored_unix_nanos);
        Duration::from_nanos(u64::try_from(age.max(0)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Offset, nanos_now};

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_deadline_follows_the_servers_clock_not_ours() {
        let server_now = nanos_now() + i128::try_from((10 * MINUTE).as_nanos()).unwrap();
        let offset = Offset::measured(server_now, Duration::ZERO);
        let stored = u64::try_from(server_now).unwrap();
        let remaining = offset.deadline(stored, MINUTE) - Instant::now();
        assert!(remaining <= MINUTE && remaining > MINUTE / 2, "{remaining:?}");
    }

    #[test]
    fn a_deadline_that_is_over_lies_in_the_past_however_far() {
        let offset = Offset::default();
        assert!(offset.deadline(0, MINUTE) <= Instant::now());
        let now = u64::try_from(nanos_now()).unwrap();
        assert!(offset.deadline(now - 2_000_000_000, Duration::from_secs(1)) < Instant::now());
        assert!(offset.deadline(u64::MAX, Duration::MAX) >= Instant::now() - MINUTE);
    }

    #[test]
    fn an_age_follows_the_servers_clock_and_is_never_negative() {
        let server_now = nanos_now() + i128::try_from((10 * MINUTE).as_nanos()).unwrap();
        let offset = Offset::measured(server_now, Duration::ZERO);
        let stored = u64::try_from(server_now).unwrap();
        assert!(offset.since(stored - 5_000_000_000) >= Duration::from_secs(5));
        assert!(offset.since(stored - 5_000_000_000) < MINUTE);
        assert_eq!(offset.since(u64::MAX), Duration::ZERO);
    }
}
