//! A report in few words: numbers, what happened, what is wrong, and how that hangs together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StateCounts;
use crate::judge::Severity;

/// All of it in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Summary {
    /// The worst there is.
    pub severity: Severity,
    /// Problems that are critical.
    pub crit: u64,
    /// Problems to look at.
    pub warn: u64,
    /// What is not known.
    pub unknown: u64,
    /// Consumers by state.
    pub consumer_states: StateCounts,
    /// Streams by state.
    pub stream_states: StateCounts,
    /// Messages published in a second, to all streams.
    pub publish_per_s: Option<f64>,
    /// Deliveries in a second, of all consumers.
    pub deliver_per_s: Option<f64>,
    /// Acknowledgements in a second, of all consumers.
    pub ack_per_s: Option<f64>,
    /// The three rates of the last ticks, the oldest first: publish, deliver, ack.
    pub trend_per_s: Vec<[Option<f64>; 3]>,
    /// Requests that observing costs in a second.
    pub observer_requests_per_s: Option<f64>,
    /// Bytes that observing costs in a second.
    pub observer_bytes_per_s: Option<f64>,
}

/// Who told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A NATS server.
    Advisory,
    /// Kubernetes.
    Kubernetes,
    /// A state has changed here.
    State,
    /// A source came or went.
    Source,
}

/// Something that happened, or several equal things close together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventRow {
    /// When the last of them came here, in milliseconds since 1970.
    pub at_ms: i64,
    /// Time since then.
    pub age_ms: i64,
    /// Who told.
    pub kind: EventKind,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: `STREAM`, `STREAM/consumer`, `namespace/pod`.
    pub object: String,
    /// What happened.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A source of this report.
    Source,
    /// A stream.
    Stream,
    /// A consumer.
    Consumer,
    /// Ephemeral consumers of a stream.
    Ephemerals,
    /// A route.
    Route,
    /// An instance of a service.
    Worker,
    /// A pod.
    Pod,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub kind: ProblemKind,
    /// Its name: `STREAM/consumer`, `namespace/pod`.
    pub object: String,
    /// What it is in: `NO-CONSUMER`, `CrashLoopBackOff`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// What to type.
    pub command: Option<String>,
    /// For how long.
    pub since_ms: Option<i64>,
}

/// A part of the way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A route of a proxy.
    Route,
    /// The subject it publishes to.
    Subject,
    /// The stream of that subject.
    Stream,
    /// A consumer of that stream.
    Consumer,
    /// An instance that works on it.
    Worker,
    /// Its pod.
    Pod,
}

/// One part of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Its name; of several, the worst.
    pub name: String,
    /// How many there are in this place.
    pub count: u64,
    /// What it is in.
    pub state: String,
    /// How bad that is.
    pub severity: Severity,
}

/// The way of messages through something that is wrong: route, subject, stream, consumer, worker, pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cause {
    /// The problem that it belongs to.
    pub object: String,
    /// The way, as far as it is known.
    pub links: Vec<Link>,
    /// Which of them is the first that is not healthy.
    pub first_unhealthy: Option<u64>,
}

/// What was too much to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Streams.
    pub streams: u64,
    /// Consumers.
    pub consumers: u64,
    /// Instances of services and routes.
    pub services: u64,
    /// Pods.
    pub pods: u64,
}
