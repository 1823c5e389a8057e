//! Ports of pods on this machine, through the API server, for as long as they are wanted.
//!
//! A forward has a listener that never closes, and a websocket of its own for each connection: on a shared one a single reset would end
//! them all (kubernetes/kubernetes#111825). A connection goes to the newest ready pod; while none is ready it is held, so that clients
//! see a rollout as a pause. A connection that has reached a pod stays with it.
//!
//! ```no_run
//! # use platform::forward::{Forward, Local, Options, Port, To};
//! # async fn example(cluster: &platform::kubernetes::Cluster) -> Result<(), platform::forward::Error> {
//! let nats = To::service("messaging", "nats", Port::First);
//! let forward = Forward::open(cluster, nats, &Local::loopback(0), Options::default(), |_| ()).await?;
//! println!("nats://{}", forward.local());
//! # Ok(()) }
//! ```

mod backends;
mod carry;
mod connection;
mod dial;
mod error;
mod event;
mod listener;
mod peer;
mod resolve;
mod selection;
mod source;
mod target;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::kubernetes::Cluster;
use dial::Route;
use listener::Listeners;

pub use error::Error;
pub use event::Event;
pub use listener::Local;
pub use resolve::{candidates, find};
pub use target::{Port, To, What};

/// Who is told what happens.
type Report = Arc<dyn Fn(Event) + Send + Sync>;

/// How a forward behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long a connection is held while no pod takes it.
    pub hold: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(30),
        }
    }
}

/// The port that something in a cluster has for others: a Service's own, otherwise that of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its number.
    pub number: u16,
    /// Its name, if it has one.
    pub name: Option<String>,
}

/// Looks for the port that `to` names.
///
/// # Errors
/// As [`Forward::open`], but for the local port.
pub async fn remote(cluster: &Cluster, to: &To) -> Result<Remote, Error> {
    Ok(source::look(cluster, to).await?.remote())
}

/// A port of this machine that leads into a cluster. Dropping it ends the listener and every connection.
#[derive(Debug)]
pub struct Forward {
    local: SocketAddr,
    to: To,
    remote: Remote,
    _serving: AbortOnDropHandle<()>,
}

impl Forward {
    /// Listens on `local` and leads what comes there to `to`. Does not wait for a pod: connections do. Ends with the returned value.
    ///
    /// # Errors
    /// When the port is taken, or when `to` is not in the cluster or has no such port, or when the API server does not answer.
    pub async fn open(
        cluster: &Cluster,
        to: To,
        local: &Local,
        options: Options,
        report: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let listeners = Listeners::bind(local).await?;
        let address = listeners.address().map_err(|source| Error::Listen {
            address: SocketAddr::from(([127, 0, 0, 1], local.port)),
            source,
        })?;
        let report: Report = Arc::new(report);
        let (route, remote, following) = follow(cluster, &to, Arc::clone(&report)).await?;
        let serving = serve(listeners, route, options, report, following);
        Ok(Self {
            local: address,
            to,
            remote,
            _serving: AbortOnDropHandle::new(tokio::spawn(serving)),
        })
    }

    /// Where it listens; of several addresses the first.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Where it leads.
    pub fn to(&self) -> &To {
        &self.to
    }

    /// The port that it leads to.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }
}

/// A single connection without a listener. It ends when the stream is dropped.
///
/// # Errors
/// As [`Forward::open`], and when no pod has taken it within the time that connections are held.
pub async fn connect(cluster: &Cluster, to: &To, options: Options) -> Result<DuplexStream, Error> {
    let silent: Report = Arc::new(|_| ());
    let (route, _, following) = follow(cluster, to, Arc::clone(&silent)).await?;
    let stream = connection::open(route, options, silent, following).await;
    stream.map_err(|reason| Error::GivenUp {
        what: to.what.title(&to.namespace),
        reason,
    })
}

/// Begins to follow the pods of `to`.
async fn follow(
    cluster: &Cluster,
    to: &To,
    report: Report,
) -> Result<(Route, Remote, AbortOnDropHandle<()>), Error> {
    let selection = source::look(cluster, to).await?;
    let remote = selection.remote();
    let (shown, backends) = watch::channel(backends::Backends::default());
    let again = Arc::new(Notify::new());
    let route = Route {
        cluster: cluster.clone(),
        namespace: to.namespace.clone(),
        backends,
        again: Arc::clone(&again),
    };
    let following = backends::follow(cluster.clone(), to.clone(), selection, shown, again, report);
    let following = AbortOnDropHandle::new(tokio::spawn(following));
    Ok((route, remote, following))
}

/// Takes connections for ever.
async fn serve(
    listeners: Listeners,
    route: Route,
    options: Options,
    report: Report,
    _following: AbortOnDropHandle<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            stream = listeners.accept() => {
                let connection = connection::serve(stream, route.clone(), options.hold, Arc::clone(&report));
                connections.spawn(connection);
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
