//! What sources send. Everything serialises, so that a recording is these events, one a line.
//!
//! Names are those of the servers' own APIs; units are in the names. What a source does not know is absent, never 0.

mod advisory;
mod cluster;
mod consumer;
mod data;
mod message;
mod pod;
mod service;
mod source;
mod stream;

use serde::{Deserialize, Serialize};

pub use advisory::{AckTimesSample, AdvisoryKind, AdvisorySample};
pub use cluster::{ClusterSample, ReplicaSample};
pub use consumer::{
    AckPolicy, ConsumerNamesSample, ConsumerSample, ConsumersSample, Mode, PriorityGroup, Replay,
    SequencePair,
};
pub use data::{Buckets, RouteData, ServiceData, StreamConsumer};
pub use message::{Found, Message, MessageSample, Position, Query};
pub use pod::{
    ContainerResources, KubernetesEventSample, KubernetesEventsSample, Owner, PodMetricsSample, PodSample,
    PodUsage, PodsSample,
};
pub use service::{EndpointSample, ServiceSample, ServicesSample};
pub use source::{Cost, Source, SourceReport, SourceState};
pub use stream::{
    AccountSample, Discard, Lost, Retention, Storage, StreamSample, StreamSource, StreamsSample,
};

/// Milliseconds since 1970 by the observer's own clock. Good for the age of what is shown; never for rates.
pub type Millis = i64;

/// Nanoseconds since 1970 by the clock of the server that said so.
pub type ServerNanos = i64;

/// Something that a source has found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it came here.
    pub at: Millis,
    /// What it is.
    pub body: Body,
}

/// What an [`Event`] says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// How a source itself is.
    Source(SourceReport),
    /// The account's use of JetStream.
    Account(AccountSample),
    /// Streams.
    Streams(StreamsSample),
    /// Consumers of one stream.
    Consumers(ConsumersSample),
    /// The names of all the consumers of one stream.
    ConsumerNames(ConsumerNamesSample),
    /// The answer to a [`Query`].
    Message(MessageSample),
    /// Something that a server has told unasked.
    Advisory(AdvisorySample),
    /// How long consumers took to acknowledge, as sampled by the server.
    AckTimes(AckTimesSample),
    /// One poll of `$SRV.STATS`.
    Services(ServicesSample),
    /// Pods.
    Pods(PodsSample),
    /// What pods use.
    PodMetrics(PodMetricsSample),
    /// Events of Kubernetes.
    KubernetesEvents(KubernetesEventsSample),
    /// Time has passed.
    Tick,
}

#[cfg(test)]
mod tests;
