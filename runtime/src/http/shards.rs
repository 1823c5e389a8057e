//! A server of several OS threads, each with a single-threaded runtime and a service instance of its own.

use std::{
    future::Future,
    io,
    net::{self, SocketAddr},
    sync::Arc,
    thread,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use thiserror::Error;
use tokio::{
    net::TcpStream,
    runtime,
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;
use tracing::dispatcher;

use super::{
    BoxError, Listener, Peer, Service, Settings,
    accept::{Counted, Load, accept},
    server::Connections,
};
use crate::lifecycle::Shutdown;

/// A server could not start, or a part of it died.
#[derive(Debug, Error)]
pub enum Error {
    /// The runtime would not take the listener.
    #[error("cannot serve on {address}")]
    Register {
        /// The bound address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A shard's thread or runtime could not be made.
    #[error("cannot start HTTP shard {shard}")]
    Start {
        /// Which shard.
        shard: usize,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The factory gave no service.
    #[error("cannot make the service of HTTP shard {shard}")]
    Factory {
        /// Which shard.
        shard: usize,
        /// What the factory said.
        #[source]
        source: BoxError,
    },
    /// A shard's thread panicked.
    #[error("HTTP shard {shard} died; the log has its panic message")]
    Died {
        /// Which shard.
        shard: usize,
    },
}

/// acceptor -> shard: a connection to serve
type Handed = (net::TcpStream, Peer, Counted);

/// Serves until the stop, on `shards` threads (at least one). `factory` runs on each shard's own thread and runtime, and accepting
/// begins when every shard has its service. Accepting itself runs on the current runtime, of any kind. Dropping the
/// future closes every connection.
///
/// # Errors
/// When a shard cannot start, its factory fails, or its thread dies; the other shards are then stopped too.
pub async fn serve_sharded<S, F, Fut, E>(
    listener: Listener,
    settings: Settings,
    shards: usize,
    factory: F,
    shutdown: Shutdown,
) -> Result<(), Error>
where
    S: Service,
    F: Fn(usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<S, E>>,
    E: Into<BoxError>,
{
    let address = listener.local_addr();
    let listener = listener
        .into_tokio()
        .map_err(|source| Error::Register { address, source })?;
    let ended = shutdown.hard_token().child_token();
    // Whatever way this future ends, the threads end too.
    let _abandon = ended.clone().drop_guard();
    let factory = Arc::new(factory);
    let (mut handed_txs, mut ready, mut done) =
        (Vec::new(), FuturesUnordered::new(), FuturesUnordered::new());
    for shard in 0..shards.max(1) {
        let started = start(shard, &factory, &settings, &shutdown, &ended)?;
        handed_txs.push(started.handed_tx);
        ready.push(outcome(shard, started.ready_rx));
        done.push(outcome(shard, started.done_rx));
    }
    while let Some(outcome) = ready.next().await {
        outcome?;
    }
    let loads: Vec<Load> = handed_txs.iter().map(|_| Load::default()).collect();
    let accepting = accept(
        &listener,
        &settings,
        &loads,
        &shutdown,
        |shard, stream, peer, counted| {
            hand_over(&handed_txs[shard], stream, peer, counted);
        },
    );
    tokio::select! {
        () = accepting => {}
        Some(outcome) = done.next() => outcome?,
    }
    drop((listener, handed_txs));
    while let Some(outcome) = done.next().await {
        outcome?;
    }
    Ok(())
}

/// What a shard's thread said, or that it died before it could.
async fn outcome(shard: usize, outcome_rx: oneshot::Receiver<Result<(), Error>>) -> Result<(), Error> {
    outcome_rx.await.unwrap_or(Err(Error::Died { shard }))
}

/// Moves a connection from the acceptor's runtime to the shard's.
fn hand_over(handed_tx: &mpsc::UnboundedSender<Handed>, stream: TcpStream, peer: Peer, counted: Counted) {
    match stream.into_std() {
        // A shard that is gone is reported by `done`; its connection closes here.
        Ok(stream) => drop(handed_tx.send((stream, peer, counted))),
        Err(error) => tracing::warn!(%error, "cannot hand a connection to its shard"),
    }
}

/// The server's ends of a shard's channels.
struct Started {
    handed_tx: mpsc::UnboundedSender<Handed>,
    ready_rx: oneshot::Receiver<Result<(), Error>>,
    done_rx: oneshot::Receiver<Result<(), Error>>,
}

/// The shard's ends.
struct Channels {
    handed_rx: mpsc::UnboundedReceiver<Handed>,
    ready_tx: oneshot::Sender<Result<(), Error>>,
    done_tx: oneshot::Sender<Result<(), Error>>,
}

fn start<S, F, Fut, E>(
    shard: usize,
    factory: &Arc<F>,
    settings: &Settings,
    shutdown: &Shutdown,
    ended: &CancellationToken,
) -> Result<Started, Error>
where
    S: Service,
    F: Fn(usize) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<S, E>>,
    E: Into<BoxError>,
{
    // The queue is bounded by `max_connections`: each entry holds a counted connection.
    let (handed_tx, handed_rx) = mpsc::unbounded_channel();
    let (ready_tx, ready_rx) = oneshot::channel();
    let (done_tx, done_rx) = oneshot::channel();
    let channels = Channels {
        handed_rx,
        ready_tx,
        done_tx,
    };
    let (factory, settings, ended) = (Arc::clone(factory), settings.clone(), ended.clone());
    let (draining, abandoned) = (shutdown.draining(), ended.clone());
    // A process that logs does so from every thread; a caller that logs only for itself (tests) takes the thread along.
    let log = (!dispatcher::has_been_set()).then(|| dispatcher::get_default(Clone::clone));
    let failed = |source| Error::Start { shard, source };
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let work = move || {
        let _log = log.as_ref().map(dispatcher::set_default);
        let service = async move {
            tokio::select! {
                service = factory(shard) => Some(service),
                // Nobody needs it any more.
                () = draining => None,
                () = abandoned.cancelled() => None,
            }
        };
        runtime.block_on(live(shard, service, settings, ended, channels));
    };
    thread::Builder::new()
        .name(format!("http-{shard}"))
        .spawn(work)
        .map_err(failed)?;
    Ok(Started {
        handed_tx,
        ready_rx,
        done_rx,
    })
}

/// A shard's whole life: make the service, serve, drain. What it says may find nobody, when the server was dropped meanwhile.
async fn live<S: Service, E: Into<BoxError>>(
    shard: usize,
    service: impl Future<Output = Option<Result<S, E>>>,
    settings: Settings,
    ended: CancellationToken,
    channels: Channels,
) {
    let Channels {
        handed_rx,
        ready_tx,
        done_tx,
    } = channels;
    match service.await {
        Some(Ok(service)) => {
            drop(ready_tx.send(Ok(())));
            run(Connections::new(service, settings), handed_rx, ended).await;
            drop(done_tx.send(Ok(())));
        }
        Some(Err(source)) => drop(ready_tx.send(Err(Error::Factory {
            shard,
            source: source.into(),
        }))),
        None => drop((ready_tx.send(Ok(())), done_tx.send(Ok(())))),
    }
}

/// Takes connections until the acceptor hangs up or everything ends, then drains.
async fn run<S: Service>(
    connections: Connections<S>,
    mut handed_rx: mpsc::UnboundedReceiver<Handed>,
    ended: CancellationToken,
) {
    loop {
        let handed = tokio::select! {
            handed = handed_rx.recv() => handed,
            () = ended.cancelled() => None,
        };
        let Some((stream, peer, counted)) = handed else {
            break;
        };
        match TcpStream::from_std(stream) {
            Ok(stream) => connections.take(stream, peer, counted),
            Err(error) => tracing::warn!(%error, peer = %peer.address, "cannot serve a connection"),
        }
    }
    connections.drain(ended.cancelled()).await;
}
