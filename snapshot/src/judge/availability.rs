//! Is it there, are its replicas, is it meant to run?

use super::consumer::Circumstances;
use super::{Severity, State, Verdict};
use crate::number::{counted, rate, span};
use crate::sample::ClusterSample;

/// Operations that a replica may be behind.
const REPLICA_LAG: u64 = 1_000;

pub(super) fn offline(of: &Circumstances<'_>) -> Option<Verdict> {
    let reason = if let Some(reason) = of.absent {
        reason.to_owned()
    } else if leaderless(of.sample.cluster.as_ref()) {
        "it has no leader: most of its replicas are away".to_owned()
    } else {
        return None;
    };
    Some(Verdict::new(State::Offline, Severity::Crit, reason).helped_by("nats server report jetstream"))
}

pub(super) fn leaderless(cluster: Option<&ClusterSample>) -> bool {
    cluster.is_some_and(|cluster| cluster.leader.as_deref().unwrap_or_default().is_empty())
}

pub(super) fn degraded(of: &Circumstances<'_>) -> Option<Verdict> {
    replicas(of.sample.cluster.as_ref(), REPLICA_LAG).map(|verdict| verdict.helped_by(of.nats("info")))
}

/// The first replica that is away or behind.
pub(super) fn replicas(cluster: Option<&ClusterSample>, lag: u64) -> Option<Verdict> {
    let reason = cluster?.replicas.iter().find_map(|replica| {
        let behind = replica.lag.unwrap_or(0);
        if replica.offline {
            Some(format!("replica {} is offline", replica.name))
        } else if behind > lag {
            Some(format!(
                "replica {} is {} behind",
                replica.name,
                counted(behind, "operation")
            ))
        } else {
            (!replica.current).then(|| format!("replica {} is not current", replica.name))
        }
    })?;
    Some(Verdict::new(State::Degraded, Severity::Warn, reason))
}

pub(super) fn paused(of: &Circumstances<'_>) -> Option<Verdict> {
    if !of.sample.paused {
        return None;
    }
    let left = of.sample.pause_remaining_ns.map_or_else(String::new, |left| {
        format!(" for another {}", span(crate::number::nanos(left)))
    });
    let growth = of
        .derived
        .trend_per_s
        .filter(|growth| *growth > 0.0 && of.sample.num_pending > 0);
    let verdict = match growth {
        Some(growth) => Verdict::new(
            State::Paused,
            Severity::Warn,
            format!(
                "delivery is paused{left}, and the queue grows by {}",
                rate(growth)
            ),
        ),
        None => Verdict::new(State::Paused, Severity::Info, format!("delivery is paused{left}")),
    };
    Some(verdict.helped_by(of.nats("resume")))
}
