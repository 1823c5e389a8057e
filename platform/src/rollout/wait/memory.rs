//! Since when something has been wrong.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::rollout::Kind;
use crate::rollout::finding::{Finding, Patience};

/// What is gone for less than this was only between two tries.
const BLINK: Duration = Duration::from_secs(2);

/// What tells troubles apart: the object, the kind, the part.
type Key = (String, Kind, String);

/// Since when each finding has been there without a break.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: HashMap<Key, Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    since: Instant,
    /// When it was missed first.
    missed: Option<Instant>,
}

impl Memory {
    /// Takes note of everything that is wrong now, by object, and whether something else is under way that may help the object.
    pub(super) fn heed<'a>(
        &mut self,
        found: impl Iterator<Item = (&'a str, &'a Finding, bool)>,
        now: Instant,
    ) {
        let mut missed = std::mem::take(&mut self.known);
        for (subject, finding, helped) in found {
            let key = key(subject, finding);
            let span = missed
                .remove(&key)
                .filter(|span| span.missed.is_none_or(|missed| now - missed < BLINK));
            let begins = helped && matches!(finding.patience, Patience::Alone(_));
            let since = span.filter(|_| !begins).map_or(now, |span| span.since);
            self.known.insert(key, Span { since, missed: None });
        }
        for (key, span) in missed {
            let missed = span.missed.unwrap_or(now);
            if now - missed < BLINK {
                let missed = Some(missed);
                self.known.insert(key, Span { missed, ..span });
            }
        }
    }

    /// When a finding that was heeded ends the wait; `None` when it never does by itself.
    pub(super) fn ends_at(&self, subject: &str, finding: &Finding) -> Option<Instant> {
        let since = self.known.get(&key(subject, finding))?.since;
        match finding.patience {
            Patience::None => Some(since),
            Patience::For(span) | Patience::Alone(span) => Some(since + span),
            Patience::Whole => None,
        }
    }
}

fn key(subject: &str, finding: &Finding) -> Key {
    (subject.to_owned(), finding.kind, finding.part.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::finding::Look;

    const SECOND: Duration = Duration::from_secs(1);

    fn finding() -> Finding {
        Finding {
            kind: Kind::MissingConfig,
            patience: Patience::For(4 * SECOND),
            part: "app".to_owned(),
            brief: String::new(),
            cause: String::new(),
            involved: Vec::new(),
            log: None,
            look: Look::Get("secrets"),
        }
    }

    #[test]
    fn time_runs_from_the_first_look_on() {
        let (mut memory, finding, began) = (Memory::default(), finding(), Instant::now());
        memory.heed([("a", &finding, false)].into_iter(), began);
        memory.heed([("a", &finding, false)].into_iter(), began + 3 * SECOND);
        assert_eq!(memory.ends_at("a", &finding), Some(began + 4 * SECOND));
        assert_eq!(memory.ends_at("b", &finding), None);
    }

    #[test]
    fn a_moment_between_two_tries_does_not_begin_anew_and_a_longer_one_does() {
        let (mut memory, finding, began) = (Memory::default(), finding(), Instant::now());
        memory.heed([("a", &finding, false)].into_iter(), began);
        memory.heed(std::iter::empty(), began + 2 * SECOND);
        memory.heed([("a", &finding, false)].into_iter(), began + 3 * SECOND);
        assert_eq!(memory.ends_at("a", &finding), Some(began + 4 * SECOND));
        memory.heed(std::iter::empty(), began + 4 * SECOND);
        memory.heed([("a", &finding, false)].into_iter(), began + 7 * SECOND);
        assert_eq!(memory.ends_at("a", &finding), Some(began + 11 * SECOND));
    }

    #[test]
    fn what_another_may_mend_gets_its_time_from_when_that_is_done() {
        let (mut memory, began) = (Memory::default(), Instant::now());
        let finding = Finding {
            patience: Patience::Alone(4 * SECOND),
            ..finding()
        };
        memory.heed([("a", &finding, true)].into_iter(), began);
        memory.heed([("a", &finding, true)].into_iter(), began + 9 * SECOND);
        memory.heed([("a", &finding, false)].into_iter(), began + 10 * SECOND);
        assert_eq!(memory.ends_at("a", &finding), Some(began + 13 * SECOND));
    }
}
