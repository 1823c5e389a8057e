//! One consumer in depth.

use super::consumer::ConsumerEntry;
use super::{ConsumerKey, State, consumer_row, stream_row};
use crate::lag::{History, Rates};
use crate::number::{finite, later, millis};
use crate::report::{ConsumerDetail, MessageRow, SeriesPoint};
use crate::sample::{AckPolicy, Message, Millis, Position};

/// Events of a detail.
const EVENTS: usize = 50;

impl State {
    /// All that is known of one consumer at `at`; nothing if there is none of that name.
    pub fn detail(&self, key: &ConsumerKey, at: Millis) -> Option<ConsumerDetail> {
        let stream_key = key.stream();
        let stream = self.streams.get(&stream_key)?;
        let entry = stream.consumers.get(&key.consumer)?;
        let crew = self
            .fleet
            .crews(&key.stream)
            .and_then(|crews| crews.get(&key.consumer));
        let names = crew.map_or(&[][..], |crew| &crew.names);
        let mut workers = self.worker_rows(at);
        let object = key.object();
        workers.retain(|row| {
            names.contains(&format!("{}/{}", row.service, row.id)) || row.consumes.contains(&object)
        });
        let mut pods = self.pods.rows(at, &std::collections::BTreeMap::new());
        pods.retain(|pod| workers.iter().any(|worker| worker.pod.as_ref() == Some(&pod.pod)));
        let about = |name: &str| {
            name == object
                || name == key.stream
                || pods
                    .iter()
                    .any(|pod| name == format!("{}/{}", pod.namespace, pod.pod))
        };
        let sample = entry.sample.as_deref();
        let prefix = "io.nats.monitor.";
        let thresholds = sample.iter().flat_map(|sample| &sample.metadata);
        Some(ConsumerDetail {
            consumer: consumer_row::row(&stream_key, &key.consumer, entry, crew, at),
            stream: Some(stream_row::row(&stream_key, stream, at)),
            thresholds: thresholds
                .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone())))
                .collect(),
            series: series(&entry.history, sample.and_then(|sample| sample.ack_policy)),
            next: message(entry, Position::Next),
            oldest_unacked: message(entry, Position::OldestUnacked),
            events: self
                .journal
                .rows(at)
                .filter(|row| about(&row.object))
                .take(EVENTS)
                .collect(),
            workers,
            pods,
        })
    }
}

fn message(entry: &ConsumerEntry, position: Position) -> Option<MessageRow> {
    let sample = entry.sample.as_deref()?;
    let (there, done) = match position {
        Position::Next => (sample.num_pending, sample.delivered.stream_seq),
        Position::OldestUnacked => (sample.num_ack_pending, sample.ack_floor.stream_seq),
    };
    let message: &Message = entry.exact.message(position, done).filter(|_| there > 0)?;
    Some(MessageRow {
        seq: message.seq,
        subject: message.subject.clone(),
        age_ms: sample.ts.map(|now| millis(later(message.ts, now)).max(0)),
        payload_bytes: message.payload_bytes,
        headers: message.headers.clone(),
    })
}

fn series(history: &History, ack_policy: Option<AckPolicy>) -> Vec<SeriesPoint> {
    let mut before = None;
    history
        .points()
        .map(|point| {
            let rates = before.and_then(|before| Rates::between(before, point, ack_policy));
            before = Some(point);
            SeriesPoint {
                ts_ms: millis(point.ts),
                num_pending: point.num_pending,
                num_ack_pending: point.num_ack_pending.into(),
                num_redelivered: point.num_redelivered.into(),
                num_waiting: point.num_waiting.into(),
                deliver_per_s: rates.and_then(|rates| finite(rates.deliver_per_s)),
                redeliver_per_s: rates.and_then(|rates| finite(rates.redeliver_per_s)),
                ack_per_s: rates.and_then(|rates| rates.ack_per_s).and_then(finite),
            }
        })
        .collect()
}
