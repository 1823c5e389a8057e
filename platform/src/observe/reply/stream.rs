//! A stream, out of STREAM.LIST and STREAM.INFO.

use snapshot::sample::{Lost, StreamSample, StreamSource};

use super::{Part, cluster};

/// `None` for what has no name.
pub(in crate::observe) fn stream(part: Part<'_>) -> Option<StreamSample> {
    let sources = part.list("/sources").filter_map(source).collect();
    Some(StreamSample {
        name: part.text("/config/name")?,
        ts: part.time("/ts"),
        created_ns: part.time("/created"),
        subjects: part.texts("/config/subjects"),
        retention: part.word("/config/retention"),
        storage: part.word("/config/storage"),
        discard: part.word("/config/discard"),
        max_msgs: part.limit("/config/max_msgs"),
        max_msgs_per_subject: part.limit("/config/max_msgs_per_subject"),
        max_bytes: part.limit("/config/max_bytes"),
        max_age_ns: part.limit("/config/max_age"),
        max_consumers: part.limit("/config/max_consumers"),
        num_replicas: part.number("/config/num_replicas"),
        allow_direct: part.flag("/config/allow_direct").unwrap_or(false),
        sealed: part.flag("/config/sealed").unwrap_or(false),
        description: part.text("/config/description"),
        metadata: part.map("/config/metadata"),
        messages: part.number("/state/messages").unwrap_or(0),
        bytes: part.number("/state/bytes").unwrap_or(0),
        first_seq: part.number("/state/first_seq").unwrap_or(0),
        first_ts: part.time("/state/first_ts"),
        last_seq: part.number("/state/last_seq").unwrap_or(0),
        last_ts: part.time("/state/last_ts"),
        num_subjects: part.number("/state/num_subjects"),
        num_deleted: part.number("/state/num_deleted"),
        lost: part.at("/state/lost").map(lost),
        consumer_count: part.number("/state/consumer_count"),
        cluster: cluster(part),
        mirror: part.at("/mirror").and_then(source),
        sources,
    })
}

fn source(part: Part<'_>) -> Option<StreamSource> {
    Some(StreamSource {
        name: part.text("/name")?,
        lag: part.number("/lag"),
        active_ns: part.signed("/active").filter(|active| *active >= 0),
        error: part.text("/error/description"),
    })
}

fn lost(part: Part<'_>) -> Lost {
    // A list of sequences, or their number, by the server's version.
    let listed = part.list("/msgs").count() as u64;
    Lost {
        msgs: part.number("/msgs").unwrap_or(listed),
        bytes: part.number("/bytes").unwrap_or(0),
    }
}
