//! Samples of streams, consumers and messages, put where they belong.

use std::collections::BTreeSet;

use super::consumer::Around;
use super::page::{Page, absences};
use super::stream::StreamEntry;
use super::{State, StreamKey, cleaning};
use crate::judge::Severity;
use crate::latency::Histogram;
use crate::sample::{
    AckTimesSample, ConsumerNamesSample, ConsumersSample, Found, MessageSample, Millis, StreamsSample,
};
use crate::text::{clean, clean_some};

/// Streams kept.
const STREAMS: usize = 5_000;

/// Consumers kept, of all streams.
const CONSUMERS: usize = 20_000;

/// What a source says of its interval, kept within reason; most do not say and poll every other second.
fn interval(said: u64) -> Millis {
    match said {
        0 => 2_000,
        said => Millis::try_from(said.clamp(250, 300_000)).unwrap_or(300_000),
    }
}

impl State {
    fn stream_mut(&mut self, key: &StreamKey) -> Option<&mut StreamEntry> {
        if !self.streams.contains_key(key) {
            if self.streams.len() >= STREAMS {
                self.left_out.streams = self.left_out.streams.saturating_add(1);
                return None;
            }
            self.streams.insert(key.clone(), StreamEntry::default());
        }
        self.streams.get_mut(key)
    }

    pub(super) fn take_streams(&mut self, at: Millis, mut sample: StreamsSample) {
        clean_some(&mut sample.account);
        self.left_out.streams = 0;
        let (interval, patience) = (interval(sample.interval_ms), self.settings.patience);
        let key = |name: &str| StreamKey {
            account: sample.account.clone(),
            stream: name.to_owned(),
        };
        let mut named = BTreeSet::new();
        let mut journal = std::mem::take(&mut self.journal);
        for mut stream in sample.streams {
            cleaning::stream(&mut stream);
            named.insert(stream.name.clone());
            if let Some(entry) = self.stream_mut(&key(&stream.name)) {
                entry.take(at, stream, interval, patience, &mut journal);
            }
        }
        for (name, reason) in absences(sample.missing, sample.offline) {
            if let Some(entry) = self.stream_mut(&key(&name)) {
                entry.miss(at, &name, &reason, interval, patience, &mut journal);
            }
            named.insert(name);
        }
        if sample.complete {
            self.streams.retain(|key, entry| {
                let stays = key.account != sample.account || named.contains(&key.stream);
                if !stays && entry.sample.is_some() {
                    journal.seen(at, key.stream.clone(), Severity::Info, "is gone");
                }
                stays
            });
        }
        self.journal = journal;
    }

    pub(super) fn take_consumers(&mut self, at: Millis, mut sample: ConsumersSample) {
        clean_some(&mut sample.account);
        clean(&mut sample.stream);
        let key = StreamKey {
            account: sample.account.take(),
            stream: std::mem::take(&mut sample.stream),
        };
        let kept = self.streams.values().map(|stream| stream.consumers.len()).sum();
        // Out of the map while it is worked on, because the others are needed beside it.
        let Some(mut entry) = self.stream_mut(&key).map(std::mem::take) else {
            return;
        };
        let mut page = Page {
            at,
            stream_name: &key.stream,
            interval: interval(sample.interval_ms),
            crews: self.fleet.crews(&key.stream),
            patience: self.settings.patience,
            journal: &mut self.journal,
            free: CONSUMERS.saturating_sub(kept),
            left_out: 0,
        };
        page.take(&mut entry, sample);
        self.left_out.consumers = page.left_out;
        self.streams.insert(key, entry);
    }

    pub(super) fn take_names(&mut self, at: Millis, sample: &ConsumerNamesSample) {
        let key = StreamKey {
            account: sample.account.clone(),
            stream: sample.stream.clone(),
        };
        let Some(entry) = self.streams.get_mut(&key) else {
            return;
        };
        let names: BTreeSet<&str> = sample.names.iter().map(String::as_str).collect();
        let journal = &mut self.journal;
        entry.consumers.retain(|name, consumer| {
            let stays = names.contains(name.as_str());
            if !stays && consumer.sample.as_ref().is_some_and(|sample| sample.durable) {
                journal.seen(at, format!("{}/{name}", key.stream), Severity::Info, "is gone");
            }
            stays
        });
    }

    pub(super) fn take_message(&mut self, sample: MessageSample) {
        let query = sample.query;
        let key = StreamKey {
            account: query.account,
            stream: query.stream,
        };
        let Some(entry) = self.streams.get_mut(&key) else {
            return;
        };
        let message = match sample.found {
            Found::Message(mut message) => {
                cleaning::message(&mut message);
                entry.history.learn_message(message.seq, message.ts);
                Some(message)
            }
            Found::Nothing | Found::Failed(_) => None,
        };
        let stream = entry.sample.as_deref().map(|sample| (sample, &entry.history));
        let Some(consumer) = entry.consumers.get_mut(&query.consumer) else {
            return;
        };
        consumer.exact.learn(query.position, query.seq, message);
        consumer.derive(&Around {
            at: self.now,
            stream_name: &key.stream,
            stream,
            crew: None,
            patience: self.settings.patience,
        });
    }

    pub(super) fn take_ack_times(&mut self, at: Millis, sample: &AckTimesSample) {
        let Some(times) = Histogram::read(&sample.ack_time) else {
            return;
        };
        let of_stream = self
            .streams
            .iter_mut()
            .filter(|(key, _)| key.stream == sample.stream);
        for (_, entry) in of_stream {
            if let Some(consumer) = entry.consumers.get_mut(&sample.consumer) {
                consumer.take_ack_times(at, times.clone());
            }
        }
    }

    /// What has not been heard of for too long is not known any more.
    pub(super) fn tick(&mut self, at: Millis) {
        let down = self.jetstream_is_down();
        let journal = &mut self.journal;
        let (mut streams, mut consumers) = (0_u64, 0_u64);
        for entry in self.streams.values_mut() {
            streams += u64::from(entry.stale(at, down).is_some());
            for consumer in entry.consumers.values_mut() {
                consumers += u64::from(consumer.stale(at, down).is_some());
            }
        }
        // One event, not thousands: they go stale together when their source does.
        if streams + consumers > 0 {
            let text = format!("no fresh numbers of {streams} streams and {consumers} consumers");
            journal.seen(
                at,
                super::sources::name(crate::sample::Source::Jetstream),
                Severity::Warn,
                &text,
            );
        }
        self.fleet.tick(at);
    }
}
