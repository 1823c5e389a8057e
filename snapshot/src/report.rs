//! The picture of one moment: what the screens of `ratectl top` show, and what `ratectl top --once -o json` prints.
//!
//! What is not known is null, never 0. Units are in the names, lists are sorted, and every number is finite. What cannot be
//! shown safely has been replaced before.

mod consumer;
mod detail;
mod fleet;
mod schema;
mod source;
mod stream;
mod summary;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub use consumer::{ConsumerDerived, ConsumerRaw, ConsumerRow, EphemeralsRow, PriorityGroupRow};
pub use detail::{ConsumerDetail, MessageRow, SeriesPoint};
pub use fleet::{PhaseRow, PodRow, RouteRow, RouteSide, WorkerRow, WorkerState};
pub use schema::{schema, schema_text};
pub use source::{AccountRow, SourceRow};
pub use stream::{ClusterRow, ReplicaRow, SourceLagRow, StreamDerived, StreamRaw, StreamRow};
pub use summary::{Cause, EventKind, EventRow, LeftOut, Link, LinkKind, Problem, ProblemKind, Summary};

/// The value of `schema`.
pub const SCHEMA: &str = "ratectl.top/v1";

/// The picture of one moment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// `ratectl.top/v1`.
    pub schema: &'static str,
    /// When this is, by the observer's clock, as RFC 3339.
    pub ts: Option<String>,
    /// The same in milliseconds since 1970.
    pub at_ms: i64,
    /// All of it in a few numbers.
    pub summary: Summary,
    /// Where all this comes from, and how these sources are.
    pub sources: Vec<SourceRow>,
    /// The use of JetStream, by account.
    pub accounts: Vec<AccountRow>,
    /// Streams, by account and name.
    pub streams: Vec<StreamRow>,
    /// Consumers, by account, stream and name.
    pub consumers: Vec<ConsumerRow>,
    /// Ephemeral consumers of one stream together.
    pub ephemerals: Vec<EphemeralsRow>,
    /// Routes of proxies and operations of workers, by service and name.
    pub routes: Vec<RouteRow>,
    /// Instances of services, by service and id.
    pub workers: Vec<WorkerRow>,
    /// Pods, by namespace and name.
    pub pods: Vec<PodRow>,
    /// What happened, the newest first.
    pub events: Vec<EventRow>,
    /// What is wrong, the worst first.
    pub problems: Vec<Problem>,
    /// How what is wrong hangs together.
    pub causes: Vec<Cause>,
    /// What was too much to keep.
    pub left_out: LeftOut,
}

/// How many there are of each state.
pub type StateCounts = BTreeMap<String, u64>;
