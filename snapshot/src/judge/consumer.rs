//! The rules for consumers, in their order.

use super::{Confidence, Severity, State, Verdict, acknowledging, availability, delivering, queue};
use crate::lag::{Derived, History, Point};
use crate::number::later;
use crate::sample::{ConsumerSample, Mode};
use crate::text::quoted;
use crate::threshold::Thresholds;

/// What is known of those who work on a consumer's messages, from what services tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Workers {
    /// Nobody has ever said that it does.
    #[default]
    Unknown,
    /// So many do.
    Alive(usize),
    /// Those that did are gone.
    Gone,
}

/// Everything a consumer is judged by.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// Name of its stream.
    pub stream: &'a str,
    /// Its newest sample.
    pub sample: &'a ConsumerSample,
    /// It and those before.
    pub history: &'a History,
    /// What follows from them.
    pub derived: &'a Derived,
    /// What its owner has set.
    pub thresholds: &'a Thresholds,
    /// The server has no answer of it: why.
    pub absent: Option<&'a str>,
    /// At least so many messages were dropped by its stream in the last half minute without being delivered.
    pub lost: u64,
    /// Who works on it.
    pub workers: &'a Workers,
    /// The component of the project, or the service, whose workers those are.
    pub component: Option<&'a str>,
}

impl Circumstances<'_> {
    /// For how long, by the server's clock, `wanted` has held without a break; nothing if it does not hold.
    pub(super) fn lasting(&self, wanted: impl Fn(&Point) -> bool) -> Option<i64> {
        self.history.lasting(wanted)
    }

    /// For how long nothing was delivered, as far as is known.
    pub(super) fn undelivered(&self) -> Option<i64> {
        match (self.sample.delivered.last_active_ns, self.sample.ts) {
            (Some(last), Some(now)) => Some(later(last, now)),
            _ => self.lasting(|point| point.consumer_seq == self.sample.delivered.consumer_seq),
        }
    }

    pub(super) fn ack_wait(&self) -> i64 {
        let default = 30 * crate::number::SECOND;
        self.sample.ack_wait_ns.map_or(default, crate::number::nanos)
    }

    pub(super) fn pulled(&self) -> bool {
        self.sample.mode == Mode::Pull
    }

    /// `nats consumer <verb> STREAM CONSUMER`.
    pub(super) fn nats(&self, verb: &str) -> String {
        format!(
            "nats consumer {verb} {} {}",
            quoted(self.stream),
            quoted(&self.sample.name)
        )
    }

    /// The logs of its workers, if it is known who they are; else what the server knows.
    pub(super) fn look(&self) -> String {
        self.component.map_or_else(
            || self.nats("info"),
            |component| format!("ratectl logs {}", quoted(component)),
        )
    }
}

type Rule = fn(&Circumstances<'_>) -> Option<Verdict>;

const RULES: [Rule; 15] = [
    availability::offline,
    availability::degraded,
    queue::loss,
    queue::runway,
    availability::paused,
    delivering::no_consumer,
    acknowledging::stall,
    acknowledging::saturated,
    acknowledging::redelivery,
    delivering::server_stall,
    delivering::stall,
    queue::limits,
    queue::lagging,
    queue::catching_up,
    queue::quiet,
];

/// Judges by one sample and those before it. The first rule that matches wins, unless a later one is worse: a replica that is
/// behind does not hide that nobody takes messages. What is paused is judged no further.
pub fn consumer(circumstances: &Circumstances<'_>) -> Verdict {
    let mut worst: Option<Verdict> = None;
    for rule in RULES {
        let Some(verdict) = rule(circumstances) else {
            continue;
        };
        let last = verdict.state == State::Paused;
        if worst
            .as_ref()
            .is_none_or(|worst| verdict.severity > worst.severity)
        {
            worst = Some(verdict);
        }
        if last {
            break;
        }
    }
    worst.unwrap_or_else(|| Verdict {
        confidence: Confidence::Low,
        ..Verdict::new(
            State::Warm,
            Severity::Info,
            "the server does not say when its numbers were taken",
        )
    })
}
