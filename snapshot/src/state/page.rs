//! Consumers of one stream, as one sample has them.

use std::collections::{BTreeMap, BTreeSet};

use super::cleaning;
use super::consumer::{Around, ConsumerEntry};
use super::journal::Journal;
use super::stream::StreamEntry;
use super::worker::Crew;
use crate::judge::Patience;
use crate::sample::{ConsumersSample, Millis};
use crate::text::clean;

/// Why something in `missing` of a reply is not known.
const SILENT: &str = "it did not answer the server that was asked: no leader, or too busy";

/// What a sample is taken in with.
pub(super) struct Page<'a> {
    pub(super) at: Millis,
    pub(super) stream_name: &'a str,
    pub(super) interval: Millis,
    pub(super) crews: Option<&'a BTreeMap<String, Crew>>,
    pub(super) patience: Patience,
    pub(super) journal: &'a mut Journal,
    /// How many new consumers there is room for.
    pub(super) free: usize,
    /// How many there was none for.
    pub(super) left_out: u64,
}

impl Page<'_> {
    pub(super) fn take(&mut self, stream: &mut StreamEntry, sample: ConsumersSample) {
        let of_stream = stream.sample.as_deref().map(|sample| (sample, &stream.history));
        let (at, stream_name, crews, patience) = (self.at, self.stream_name, self.crews, self.patience);
        let around = |name: &str| Around {
            at,
            stream_name,
            stream: of_stream,
            crew: crews.and_then(|crews| crews.get(name)),
            patience,
        };
        let consumers = &mut stream.consumers;
        let mut named = BTreeSet::new();
        for mut consumer in sample.consumers {
            cleaning::consumer(&mut consumer);
            let name = consumer.name.clone();
            if let Some(entry) = self.open(consumers, &name) {
                entry.take(consumer, self.interval, &around(&name), self.journal);
            }
            named.insert(name);
        }
        for (name, reason) in absences(sample.missing, sample.offline) {
            if let Some(entry) = self.open(consumers, &name) {
                entry.miss(&name, &reason, self.interval, &around(&name), self.journal);
            }
            named.insert(name);
        }
        let gone: BTreeSet<String> = sample.gone.into_iter().collect();
        consumers.retain(|name, _| !gone.contains(name) && (!sample.complete || named.contains(name)));
    }

    fn open<'c>(
        &mut self,
        consumers: &'c mut BTreeMap<String, ConsumerEntry>,
        name: &str,
    ) -> Option<&'c mut ConsumerEntry> {
        if !consumers.contains_key(name) {
            if self.free == 0 {
                self.left_out = self.left_out.saturating_add(1);
                return None;
            }
            self.free -= 1;
            consumers.insert(name.to_owned(), ConsumerEntry::default());
        }
        consumers.get_mut(name)
    }
}

/// Names without an answer, and why there is none.
pub(super) fn absences(
    missing: Vec<String>,
    offline: BTreeMap<String, String>,
) -> impl Iterator<Item = (String, String)> {
    let missing = missing.into_iter().map(|name| (name, SILENT.to_owned()));
    let cannot = |(name, reason)| (name, format!("the server cannot run it: {reason}"));
    missing
        .chain(offline.into_iter().map(cannot))
        .map(|(mut name, mut reason)| {
            clean(&mut name);
            clean(&mut reason);
            (name, reason)
        })
}
