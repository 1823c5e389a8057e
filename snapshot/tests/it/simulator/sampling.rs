//! What a server would answer.

use snapshot::sample::{
    AckPolicy, ClusterSample, ConsumerSample, ConsumersSample, Discard, Found, Message, MessageSample, Mode,
    Position, Query, ReplicaSample, Retention, SequencePair, Storage, StreamSample, StreamSource,
    StreamsSample,
};

use super::Simulator;

/// Bytes of each message.
const SIZE: u64 = 100;

impl Simulator {
    pub(crate) fn streams(&self) -> StreamsSample {
        StreamsSample {
            streams: vec![self.stream()],
            complete: true,
            interval_ms: 2_000,
            ..StreamsSample::default()
        }
    }

    pub(crate) fn consumers(&self) -> ConsumersSample {
        ConsumersSample {
            stream: "ORDERS".to_owned(),
            consumers: vec![self.consumer()],
            complete: true,
            interval_ms: 2_000,
            ..ConsumersSample::default()
        }
    }

    fn stream(&self) -> StreamSample {
        let count = self.messages.len() as u64;
        let first = self.messages.first_key_value();
        StreamSample {
            name: "ORDERS".to_owned(),
            ts: Some(self.now),
            created_ns: Some(super::BEGIN),
            subjects: vec!["orders.>".to_owned()],
            retention: Some(if self.workqueue {
                Retention::Workqueue
            } else {
                Retention::Limits
            }),
            storage: Some(Storage::File),
            discard: Some(if self.discard_new {
                Discard::New
            } else {
                Discard::Old
            }),
            max_msgs: self.max_msgs,
            max_age_ns: self.max_age.map(i64::unsigned_abs),
            allow_direct: true,
            messages: count,
            bytes: count * SIZE,
            first_seq: first.map_or(self.last_seq + 1, |(seq, _)| *seq),
            first_ts: first.map(|(_, ts)| *ts),
            last_seq: self.last_seq,
            last_ts: self.messages.last_key_value().map(|(_, ts)| *ts),
            mirror: self.mirror_lag.map(|lag| StreamSource {
                name: "ORIGIN".to_owned(),
                lag: Some(lag),
                active_ns: Some(1),
                error: None,
            }),
            ..StreamSample::default()
        }
    }

    fn consumer(&self) -> ConsumerSample {
        ConsumerSample {
            name: "billing".to_owned(),
            ts: Some(self.now),
            created_ns: Some(self.created),
            mode: if self.push.is_some() {
                Mode::Push
            } else {
                Mode::Pull
            },
            push_bound: self.push,
            durable: true,
            replay: self.replay,
            ack_policy: Some(AckPolicy::Explicit),
            ack_wait_ns: Some(self.ack_wait.unsigned_abs()),
            max_deliver: self.max_deliver,
            max_ack_pending: Some(self.max_ack_pending),
            metadata: self.metadata.clone(),
            delivered: SequencePair {
                consumer_seq: self.consumer_seq,
                stream_seq: self.stream_seq,
                last_active_ns: self.last_delivery,
            },
            ack_floor: SequencePair {
                consumer_seq: self.acked,
                stream_seq: self.floor(),
                last_active_ns: self.last_ack,
            },
            num_pending: self.pending(),
            num_ack_pending: self.out.len() as u64,
            num_redelivered: self.redelivered.len() as u64,
            num_waiting: self.waiting(),
            paused: self.paused,
            cluster: Some(ClusterSample {
                leader: self.leader.clone(),
                replicas: vec![ReplicaSample {
                    name: "n2".to_owned(),
                    current: self.replica_lag == 0,
                    lag: Some(self.replica_lag),
                    ..ReplicaSample::default()
                }],
                ..ClusterSample::default()
            }),
            ..ConsumerSample::default()
        }
    }

    pub(crate) fn answer(&self, query: Query) -> MessageSample {
        let from = match query.position {
            Position::Next => self.messages.range(query.seq..).next(),
            Position::OldestUnacked => self
                .messages
                .range(query.seq..)
                .find(|(seq, _)| self.out.contains_key(seq)),
        };
        let found = from.map_or(Found::Nothing, |(seq, ts)| {
            Found::Message(Message {
                seq: *seq,
                ts: *ts,
                subject: "orders.new".to_owned(),
                payload_bytes: SIZE,
                ..Message::default()
            })
        });
        MessageSample { query, found }
    }
}
