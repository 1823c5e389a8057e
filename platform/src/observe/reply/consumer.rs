//! A consumer, out of CONSUMER.LIST and CONSUMER.INFO.

use snapshot::sample::{AckPolicy, ConsumerSample, Mode, PriorityGroup, SequencePair};

use super::{Part, cluster};

/// `None` for what has no name.
pub(in crate::observe) fn consumer(part: Part<'_>) -> Option<ConsumerSample> {
    let config = part.at("/config").unwrap_or(part);
    let deliver_subject = config.text("/deliver_subject");
    let ack_policy = config.word::<AckPolicy>("/ack_policy");
    let watched = config.flag("/flow_control") == Some(true) || config.limit("/idle_heartbeat").is_some();
    let mut filter_subjects = config.texts("/filter_subjects");
    filter_subjects.extend(config.text("/filter_subject"));
    Some(ConsumerSample {
        name: part.text("/name").or_else(|| config.text("/durable_name"))?,
        ts: part.time("/ts"),
        created_ns: part.time("/created"),
        mode: if deliver_subject.is_some() {
            Mode::Push
        } else {
            Mode::Pull
        },
        durable: config.text("/durable_name").is_some(),
        inactive_threshold_ns: config.limit("/inactive_threshold"),
        filter_subjects,
        ack_policy,
        ack_wait_ns: config.limit("/ack_wait"),
        max_deliver: config.limit("/max_deliver"),
        max_ack_pending: config.limit("/max_ack_pending"),
        max_waiting: config.limit("/max_waiting"),
        deliver_subject,
        deliver_group: config.text("/deliver_group"),
        ordered: ack_policy == Some(AckPolicy::None) && watched,
        replay: config.word("/replay_policy").unwrap_or_default(),
        sample_frequency: config.text("/sample_freq"),
        num_replicas: config.limit("/num_replicas"),
        description: config.text("/description"),
        metadata: config.map("/metadata"),
        delivered: pair(part, "/delivered"),
        ack_floor: pair(part, "/ack_floor"),
        num_pending: part.number("/num_pending").unwrap_or(0),
        num_ack_pending: part.number("/num_ack_pending").unwrap_or(0),
        num_redelivered: part.number("/num_redelivered").unwrap_or(0),
        num_waiting: part.number("/num_waiting").unwrap_or(0),
        paused: part.flag("/paused").unwrap_or(false),
        pause_remaining_ns: part.limit("/pause_remaining"),
        push_bound: bound(part, config),
        priority_groups: part.list("/priority_groups").filter_map(group).collect(),
        cluster: cluster(part),
    })
}

/// The server leaves `push_bound` out when nobody listens, which is the same as `false` where it knows the field at all.
fn bound(part: Part<'_>, config: Part<'_>) -> Option<bool> {
    config.text("/deliver_subject")?;
    let tells = part.at("/ts").is_some();
    part.flag("/push_bound").or(tells.then_some(false))
}

fn pair(part: Part<'_>, pointer: &str) -> SequencePair {
    let Some(part) = part.at(pointer) else {
        return SequencePair::default();
    };
    SequencePair {
        consumer_seq: part.number("/consumer_seq").unwrap_or(0),
        stream_seq: part.number("/stream_seq").unwrap_or(0),
        last_active_ns: part.time("/last_active"),
    }
}

fn group(part: Part<'_>) -> Option<PriorityGroup> {
    Some(PriorityGroup {
        group: part.text("/group")?,
        pinned_client_id: part.text("/pinned_client_id"),
        pinned_ts: part.time("/pinned_ts"),
    })
}
