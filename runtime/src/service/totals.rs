//! What several threads have counted of one kind of request, added up.

use std::collections::BTreeMap;

use super::histogram::Sum;
use super::route::{Ended, Part, Route};

/// Totals by the name of the route, such as `get.ratings.*`: a subject without its prefix.
pub type TotalsByRoute = BTreeMap<String, Totals>;

/// Counts of one kind of request at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    ended: [u64; Ended::ALL.len()],
    in_flight: u64,
    parts: [Option<Sum>; Part::ALL.len()],
    last_error: Option<(u64, Ended)>,
}

impl Totals {
    /// Adds what one thread has counted.
    pub fn add(&mut self, route: &Route) {
        for how in Ended::ALL {
            self.ended[how as usize] += route.ended(how);
        }
        self.in_flight += route.in_flight();
        for part in Part::ALL {
            if let Some(histogram) = route.part(part) {
                self.parts[part as usize].get_or_insert_default().add(histogram);
            }
        }
        self.last_error = self.last_error.max(route.last_error());
    }

    /// Whether nothing has ever happened.
    pub fn is_empty(&self) -> bool {
        self.in_flight == 0 && self.ended.iter().all(|count| *count == 0)
    }

    /// How many requests ended so.
    pub fn ended(&self, how: Ended) -> u64 {
        self.ended[how as usize]
    }

    /// How many are in progress.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// The histogram of a part, if it was ever measured.
    pub fn part(&self, part: Part) -> Option<&Sum> {
        self.parts[part as usize].as_ref()
    }

    /// All requests that have ended.
    pub fn requests(&self) -> u64 {
        self.ended.iter().sum()
    }

    /// Those of them that failed through no fault of their clients.
    pub fn errors(&self) -> u64 {
        let errors = Ended::ALL.into_iter().filter(|how| how.is_error());
        errors.map(|how| self.ended(how)).sum()
    }

    /// When the last error was, Unix milliseconds, and which.
    pub(super) fn last_error(&self) -> Option<(u64, Ended)> {
        self.last_error
    }

    /// How long requests took: in the proxy from head to answer, in a worker in the handler.
    pub(super) fn whole(&self) -> Option<&Sum> {
        self.part(Part::Total).or(self.part(Part::Work))
    }

    /// The time spent on requests.
    pub(super) fn processing_ns(&self) -> u64 {
        self.whole().map_or(0, Sum::sum_ns)
    }
}
