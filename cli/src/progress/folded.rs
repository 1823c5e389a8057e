//! Lines of output that a CI system folds: builds run side by side, and a group cannot hold another, so each waits for its end.

use std::collections::{BTreeMap, VecDeque};

use platform::event::{Step, StepKind};

/// Lines that are kept of one component; of more than that, the last ones.
const KEPT: usize = 20_000;

/// Lines that wait, by component.
#[derive(Debug, Default)]
pub(super) struct Folded {
    waiting: BTreeMap<String, Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<String>,
    dropped: usize,
}

impl Folded {
    /// Keeps a line of a component.
    pub(super) fn add(&mut self, component: String, line: String) {
        let lines = self.waiting.entry(component).or_default();
        lines.kept.push_back(line);
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
            lines.dropped += 1;
        }
    }

    /// The groups that are complete with the end of `step`, each with its title.
    pub(super) fn end_of(&mut self, step: &Step) -> Vec<(String, Vec<String>)> {
        if step.kind != StepKind::Build {
            return Vec::new();
        }
        let component = step
            .subject
            .split_once(": ")
            .map_or(step.subject.as_str(), |(name, _)| name);
        let lines = self.waiting.remove(component);
        lines
            .map(|lines| (step.to_string(), lines.all()))
            .into_iter()
            .collect()
    }

    /// What still waits at the end.
    pub(super) fn rest(&mut self) -> Vec<(String, Vec<String>)> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting
            .map(|(component, lines)| (component, lines.all()))
            .collect()
    }
}

impl Lines {
    fn all(self) -> Vec<String> {
        let dropped = (self.dropped > 0).then(|| format!("… {} lines before", self.dropped));
        dropped.into_iter().chain(self.kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(folded: &mut Folded, component: &str, line: &str) {
        folded.add(component.to_owned(), line.to_owned());
    }

    #[test]
    fn lines_of_two_builds_come_out_apart() {
        let mut folded = Folded::default();
        for (component, text) in [("a", "1"), ("b", "2"), ("a", "3")] {
            line(&mut folded, component, text);
        }
        assert!(folded.end_of(&Step::new(StepKind::Push, "a")).is_empty());
        let group = folded.end_of(&Step::new(StepKind::Build, "a: base"));
        assert_eq!(
            group,
            [(
                "build of a: base".to_owned(),
                vec!["1".to_owned(), "3".to_owned()]
            )]
        );
        assert_eq!(folded.rest(), [("b".to_owned(), vec!["2".to_owned()])]);
        assert!(folded.rest().is_empty());
    }

    #[test]
    fn of_too_many_lines_the_last_are_kept() {
        let mut folded = Folded::default();
        for number in 0..KEPT + 2 {
            line(&mut folded, "a", &number.to_string());
        }
        let (_, lines) = folded.rest().remove(0);
        assert_eq!((lines[0].as_str(), lines[1].as_str()), ("… 2 lines before", "2"));
        assert_eq!(lines.len(), KEPT + 1);
    }
}
