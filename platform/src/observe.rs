//! What a running system is doing, as it can be seen from outside: JetStream, advisories, services, pods.
//!
//! Every source is a task of its own. It begins without what it looks at, says of itself whether that is there, and comes back by itself; no
//! source stops another. All of them send [`snapshot::sample::Event`]s over one bounded channel: who reads slowly makes them look less often.
//!
//! ```no_run
//! # use platform::observe::{self, Nats, Observed};
//! # use tokio_util::sync::CancellationToken;
//! # async fn example() {
//! let nats = Nats::new("nats://127.0.0.1:4222");
//! let observed = Observed { nats: Some(nats), ..Observed::default() };
//! let mut observation = observe::start(observed, CancellationToken::new());
//! while let Some(event) = observation.events.recv().await {
//!     println!("{event:?}");
//! }
//! # }
//! ```

mod advisory;
mod ask;
mod clock;
mod cost;
mod jetstream;
mod kubernetes_event;
mod link;
mod message;
mod outlet;
mod pace;
mod pod;
mod pod_metrics;
mod reply;
mod service;

use std::collections::BTreeSet;
use std::time::Duration;

use snapshot::sample::{Event, Query, Source};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use link::Nats;
pub use message::{Payload, payload};

use crate::pod_logs::Pods;
use link::Link;
use outlet::Outlet;

/// Events that may wait for whoever reads them.
const EVENTS: usize = 256;
/// Questions that may wait to be asked.
const QUERIES: usize = 64;

/// What to look at. Everything may be missing.
#[derive(Clone)]
pub struct Observed {
    /// A NATS system.
    pub nats: Option<Nats>,
    /// A Kubernetes cluster.
    pub kubernetes: Option<Kubernetes>,
    /// How often what moves is looked at, and everything else as much less often than usual; not more often than [`INTERVAL`].
    pub interval: Duration,
}

/// How often what moves is looked at, if nobody says otherwise.
pub const INTERVAL: Duration = Duration::from_secs(2);

impl Default for Observed {
    fn default() -> Self {
        Self {
            nats: None,
            kubernetes: None,
            interval: INTERVAL,
        }
    }
}

/// A Kubernetes cluster, and which of its pods.
#[derive(Clone)]
pub struct Kubernetes {
    /// Connected, as the profile wants it.
    pub client: kube::Client,
    /// Its name for people: the context.
    pub name: String,
    /// Only the pods of these, and what happens in their namespaces; none: the whole cluster.
    pub components: Vec<Pods>,
}

impl Kubernetes {
    /// The namespaces that are looked at, each once; none is all of the cluster.
    fn namespaces(&self) -> BTreeSet<&str> {
        self.components
            .iter()
            .map(|pods| pods.namespace.as_str())
            .collect()
    }
}

/// A consumer that somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// Name of the stream.
    pub stream: String,
    /// Name of the consumer.
    pub consumer: String,
}

/// A running observation. It ends when this is dropped, or at the token's cancellation.
pub struct Observation {
    /// What is found out, in the order in which it was.
    pub events: mpsc::Receiver<Event>,
    /// Takes questions about single messages; one that does not fit is not asked.
    pub ask: mpsc::Sender<Query>,
    /// The rows that are looked at more often than the rest: those that are visible, and those that are unwell. The first ones count most.
    pub interest: watch::Sender<Vec<Row>>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// Begins to observe. Must be called inside a runtime of tokio.
pub fn start(observed: Observed, cancel: CancellationToken) -> Observation {
    let (events, receiver) = mpsc::channel(EVENTS);
    let (ask, queries) = mpsc::channel(QUERIES);
    let (interest, rows) = watch::channel(Vec::new());
    let mut tasks = Tasks {
        events,
        cancel,
        handles: Vec::new(),
    };
    match observed.nats {
        Some(nats) => tasks.watch_nats(nats, queries, rows, observed.interval),
        None => tasks.absent(
            &[
                Source::Jetstream,
                Source::Messages,
                Source::Advisories,
                Source::Services,
            ],
            "no NATS server is named",
        ),
    }
    match observed.kubernetes {
        Some(kubernetes) => tasks.watch_kubernetes(&kubernetes),
        None => tasks.absent(
            &[Source::Pods, Source::PodMetrics, Source::KubernetesEvents],
            "no cluster is named",
        ),
    }
    Observation {
        events: receiver,
        ask,
        interest,
        _tasks: tasks.handles,
    }
}

/// The tasks of an observation, while they are begun.
struct Tasks {
    events: mpsc::Sender<Event>,
    cancel: CancellationToken,
    handles: Vec<AbortOnDropHandle<()>>,
}

impl Tasks {
    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let cancelled = self.cancel.clone().cancelled_owned();
        self.handles.push(AbortOnDropHandle::new(tokio::spawn(async move {
            tokio::select! {
                () = cancelled => {}
                () = task => {}
            }
        })));
    }

    fn outlet(&self, source: Source, endpoint: &str) -> Outlet {
        Outlet::new(self.events.clone(), source, endpoint)
    }

    fn absent(&mut self, sources: &[Source], why: &'static str) {
        let outlets: Vec<Outlet> = sources.iter().map(|source| self.outlet(*source, "")).collect();
        self.spawn(async move {
            for mut outlet in outlets {
                outlet.absent(why).await;
            }
        });
    }

    fn watch_nats(
        &mut self,
        nats: Nats,
        queries: mpsc::Receiver<Query>,
        rows: watch::Receiver<Vec<Row>>,
        interval: Duration,
    ) {
        let outlets = [
            Source::Jetstream,
            Source::Messages,
            Source::Advisories,
            Source::Services,
        ]
        .map(|source| self.outlet(source, &nats.shown()));
        let cancel = self.cancel.clone();
        let (pressure, relief) = watch::channel(0);
        let aside = jetstream::Aside::default();
        self.spawn(async move {
            let [mut streams, mut messages, mut advisories, mut services] = outlets;
            let link = match Link::open(&nats).await {
                Ok(link) => link,
                Err(why) => {
                    for outlet in [&mut streams, &mut messages, &mut advisories, &mut services] {
                        outlet.down(&why).await;
                    }
                    return;
                }
            };
            tokio::select! {
                () = cancel.cancelled() => {}
                () = jetstream::run(link.clone(), streams, rows, interval, (relief, aside.clone())) => {}
                () = message::run(link.clone(), messages, queries, aside) => {}
                () = advisory::run(link.clone(), advisories, pressure) => {}
                () = service::run(link, services, interval) => {}
            }
        });
    }

    fn watch_kubernetes(&mut self, kubernetes: &Kubernetes) {
        let pods = self.outlet(Source::Pods, &kubernetes.name);
        let metrics = self.outlet(Source::PodMetrics, &kubernetes.name);
        let events = self.outlet(Source::KubernetesEvents, &kubernetes.name);
        self.spawn(pod::run(kubernetes.clone(), pods));
        self.spawn(pod_metrics::run(kubernetes.clone(), metrics));
        self.spawn(kubernetes_event::run(kubernetes.clone(), events));
    }
}
