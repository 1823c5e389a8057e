//! Judges a history against what is there in the end. Pure: everything it needs is handed in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::history::{Action, Answer, Attempt, Kind, Write};

#[cfg(test)]
mod tests;

/// A request may end this much after its deadline.
pub const GRACE: Duration = Duration::from_millis(250);

/// Everything found after all faults have healed.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The rows of the database.
    pub rows: Vec<Row>,
    /// Ids that can be read over HTTP, with the entity tag and the body's own words.
    pub readable: HashMap<String, Readable>,
    /// The event stream, in its order.
    pub events: Vec<Event>,
    /// Messages left in `REQUESTS`.
    pub left_in_requests: u64,
    /// Messages in `DEAD`.
    pub dead: u64,
}

/// One resource as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The key of the write that made it.
    pub created_by: String,
    /// The key of the write that replaced its content.
    pub replaced_by: Option<String>,
    /// 1 when made, one more with each change.
    pub version: u64,
}

/// One resource as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    /// The key of the write that made it.
    pub created_by: String,
    /// The key of the write that replaced its content.
    pub replaced_by: Option<String>,
}

/// One committed change as the event stream has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The id of the resource.
    pub aggregate: String,
    /// The version the change led to.
    pub version: u64,
}

/// What is wrong; empty lists and zeros when nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Keys of writes that were answered with success and are not there.
    pub lost: Vec<String>,
    /// Keys of writes that are there more than once.
    pub doubled: Vec<String>,
    /// Rows that no write could have made.
    pub unexpected: Vec<String>,
    /// Writes refused although they were valid, with the status.
    pub refused: Vec<(String, u16)>,
    /// Writes without an answer in the end, although all faults had healed.
    pub unsettled: Vec<String>,
    /// Attempts that ended later than their deadline allows.
    pub late: usize,
    /// Replays that are not what was answered first.
    pub differing_replays: usize,
    /// Changes without their event, changes with several, events out of order, events of nothing.
    pub events: Vec<String>,
    /// Messages left in `REQUESTS` or `DEAD`.
    pub leftovers: u64,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// Judges a whole run.
pub fn check(history: &[Write], findings: &Findings) -> Verdict {
    let mut verdict = Verdict {
        late: history.iter().map(late).sum(),
        differing_replays: history.iter().map(Write::differing_replays).sum(),
        leftovers: findings.left_in_requests + findings.dead,
        events: wrong_events(findings),
        ..Verdict::default()
    };
    for write in history {
        match (write.success(), write.refusal()) {
            (_, Some(refusal)) => verdict.refused.push((write.key.clone(), refusal.status)),
            (None, None) => verdict.unsettled.push(write.key.clone()),
            _ => {}
        }
    }
    let rows = Rows::new(&findings.rows);
    for write in history {
        let effects = rows.effects_of(write);
        if effects > 1 {
            verdict.doubled.push(write.key.clone());
        } else if write.success().is_some() && (effects == 0 || !rows.is_readable(write, findings)) {
            verdict.lost.push(write.key.clone());
        }
    }
    verdict.unexpected = unexpected(history, findings);
    verdict
}

/// Attempts of one write that ended too late.
fn late(write: &Write) -> usize {
    write.attempts.iter().filter(|attempt| is_late(attempt)).count()
}

/// Whether an attempt ended too late.
pub fn is_late(attempt: &Attempt) -> bool {
    attempt.took > attempt.deadline + GRACE
}

/// The rows by what made them.
struct Rows<'a> {
    created: HashMap<(Kind, &'a str), Vec<&'a Row>>,
    replaced: HashMap<&'a str, Vec<&'a Row>>,
}

impl<'a> Rows<'a> {
    fn new(rows: &'a [Row]) -> Self {
        let mut sorted = Self {
            created: HashMap::new(),
            replaced: HashMap::new(),
        };
        for row in rows {
            sorted
                .created
                .entry((row.kind, row.created_by.as_str()))
                .or_default()
                .push(row);
            if let Some(key) = &row.replaced_by {
                sorted.replaced.entry(key.as_str()).or_default().push(row);
            }
        }
        sorted
    }

    fn of<'b>(&'b self, write: &'b Write) -> &'b [&'a Row] {
        let rows = match write.action {
            Action::Create(kind) => self.created.get(&(kind, write.key.as_str())),
            Action::Replace => self.replaced.get(write.key.as_str()),
        };
        rows.map_or(&[], Vec::as_slice)
    }

    /// How often a write took effect. A resource is replaced once at most, so a version above 2 tells of a second time.
    fn effects_of(&self, write: &Write) -> u64 {
        let rows = self.of(write).iter();
        match write.action {
            Action::Create(_) => rows.map(|_| 1).sum(),
            Action::Replace => rows.map(|row| row.version - 1).sum(),
        }
    }

    /// Whether a client who was told of a write's success can see it, under the id it was told.
    fn is_readable(&self, write: &Write, findings: &Findings) -> bool {
        let Some(id) = write.success().and_then(Answer::id) else {
            return false;
        };
        let is_stored = self.of(write).iter().any(|row| row.id == id);
        let reads = findings
            .readable
            .get(&id)
            .is_some_and(|readable| match write.action {
                Action::Create(_) => readable.created_by == write.key,
                Action::Replace => readable.replaced_by.as_deref() == Some(write.key.as_str()),
            });
        is_stored && reads
    }
}

fn unexpected(history: &[Write], findings: &Findings) -> Vec<String> {
    let attempted = |write: &&Write| !write.attempts.is_empty();
    let known: BTreeSet<(Action, &str)> = history
        .iter()
        .filter(attempted)
        .map(|write| (write.action, write.key.as_str()))
        .collect();
    let is_known = |row: &&Row| {
        let replaced = row.replaced_by.as_deref();
        known.contains(&(Action::Create(row.kind), row.created_by.as_str()))
            && replaced.is_none_or(|key| known.contains(&(Action::Replace, key)))
    };
    findings
        .rows
        .iter()
        .filter(|row| !is_known(row))
        .map(|row| row.id.clone())
        .collect()
}

/// Each aggregate's events must be its versions from 1 to the row's, each once, in order.
fn wrong_events(findings: &Findings) -> Vec<String> {
    let mut told: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for event in &findings.events {
        told.entry(&event.aggregate).or_default().push(event.version);
    }
    let mut wrong = Vec::new();
    for row in &findings.rows {
        let versions = told.remove(row.id.as_str()).unwrap_or_default();
        if !versions.iter().copied().eq(1..=row.version) {
            wrong.push(format!(
                "{} is at version {}, its events say {versions:?}",
                row.id, row.version
            ));
        }
    }
    wrong.extend(
        told.into_iter()
            .map(|(id, versions)| format!("{id} is not there, its events say {versions:?}")),
    );
    wrong
}
