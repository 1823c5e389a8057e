//! Waiting for a condition, never for a time.

use std::thread;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// What a cluster on a busy machine with two cores gets for anything that it does by itself.
const PATIENCE: Duration = Duration::from_mins(2);

/// Looks until `probe` finds something, for two minutes.
///
/// # Panics
/// When it is not found by then; the message says `what`.
pub fn eventually<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    until(what, PATIENCE, probe)
}

/// Looks until `probe` finds something, for `limit`.
///
/// # Panics
/// When it is not found by then; the message says `what`.
pub fn until<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} in vain for {what}");
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_appears_later_is_found() {
        let mut looks = 0;
        let found = eventually("the third look", || {
            looks += 1;
            (looks == 3).then_some("here")
        });
        assert_eq!(found, "here");
    }

    #[test]
    #[should_panic(expected = "in vain for the impossible")]
    fn what_never_appears_ends_the_test_with_its_name() {
        until("the impossible", Duration::from_millis(1), || None::<()>);
    }
}
