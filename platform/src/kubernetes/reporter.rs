//! Saying what a wait waits for.

use super::text;

/// Tells a reason when it is another than before.
pub(super) struct Reporter<F> {
    report: F,
    last: String,
}

impl<F: FnMut(String)> Reporter<F> {
    pub(super) fn new(report: F) -> Self {
        let last = String::new();
        Self { report, last }
    }

    pub(super) fn say(&mut self, reason: &str) {
        let reason = text::line(reason);
        if self.last != reason {
            self.last.clone_from(&reason);
            (self.report)(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_until_it_changes() {
        let mut told = Vec::new();
        let mut reporter = Reporter::new(|reason| told.push(reason));
        for reason in ["a", "a", "b\u{1b}[0m\n", "a"] {
            reporter.say(reason);
        }
        assert_eq!(told, ["a", "b", "a"]);
    }
}
