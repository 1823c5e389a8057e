//! When to draw: at once after a key, never more often than thirty times a second, and pictures of data no more often than is cheap.

use std::time::{Duration, Instant};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(34);
/// A picture of data takes no more than one part in so many of the time.
const SHARE: u32 = 25;
/// Data that have changed are shown no later than this.
const LATEST: Duration = Duration::from_secs(1);

/// What is to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Due {
    /// What a person has chosen has changed.
    view: bool,
    /// Data have changed.
    data: bool,
}

/// Decides about frames. Time is a parameter.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    due: Due,
    drawn: Option<Instant>,
    built: Option<(Instant, Duration)>,
}

impl Pace {
    /// Something that a person has chosen has changed.
    pub(crate) fn view_changed(&mut self) {
        self.due.view = true;
    }

    /// Data have changed.
    pub(crate) fn data_changed(&mut self) {
        self.due.data = true;
    }

    /// When the next frame is to be drawn; none: when something has changed.
    pub(crate) fn next(&self, now: Instant) -> Option<Instant> {
        let view = self.due.view.then_some(now);
        let data = self.due.data.then(|| self.data_due().unwrap_or(now));
        let wanted = match (view, data) {
            (Some(view), Some(data)) => view.min(data),
            (view, data) => view.or(data)?,
        };
        Some(self.drawn.map_or(wanted, |drawn| wanted.max(drawn + FRAME)))
    }

    /// Whether the frame that is drawn now is to show new data. They count as shown.
    pub(crate) fn takes_data(&mut self, now: Instant) -> bool {
        let due = self.due.data && self.data_due().is_none_or(|due| due <= now);
        if due {
            self.due.data = false;
        }
        due
    }

    /// Making a picture of the data took `took`.
    pub(crate) fn built(&mut self, now: Instant, took: Duration) {
        self.built = Some((now, took));
    }

    /// A frame was drawn.
    pub(crate) fn drawn(&mut self, now: Instant) {
        self.due.view = false;
        self.drawn = Some(now);
    }

    fn data_due(&self) -> Option<Instant> {
        let (at, took) = self.built?;
        Some(at + (took * SHARE).clamp(FRAME, LATEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn nothing_is_drawn_when_nothing_has_changed() {
        let now = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.next(now), None);
        pace.view_changed();
        assert_eq!(pace.next(now), Some(now));
        pace.drawn(now);
        assert_eq!(pace.next(now), None);
    }

    #[test]
    fn there_are_no_more_than_thirty_frames_a_second() {
        let start = Instant::now();
        let (mut pace, mut frames) = (Pace::default(), 0);
        for ms in 0..1000 {
            let now = start + ms * MS;
            pace.view_changed();
            pace.data_changed();
            if pace.next(now).is_some_and(|due| due <= now) {
                if pace.takes_data(now) {
                    pace.built(now, Duration::ZERO);
                }
                pace.drawn(now);
                frames += 1;
            }
        }
        assert!((25..=30).contains(&frames), "{frames}");
    }

    #[test]
    fn a_picture_that_is_dear_is_made_seldom_and_keys_do_not_wait_for_it() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.data_changed();
        assert!(pace.takes_data(start));
        pace.built(start, 20 * MS);
        pace.drawn(start);
        pace.data_changed();
        assert_eq!(pace.next(start), Some(start + 500 * MS));
        pace.view_changed();
        let soon = start + 40 * MS;
        assert_eq!(pace.next(soon), Some(soon));
        assert!(!pace.takes_data(soon));
        pace.drawn(soon);
        assert_eq!(
            pace.next(soon),
            Some(start + 500 * MS),
            "the data are not forgotten"
        );
        assert!(pace.takes_data(start + 500 * MS));
    }
}
