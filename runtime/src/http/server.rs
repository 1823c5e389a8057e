//! A server on the current runtime, and the set of connections that both kinds of server keep.

use std::{sync::Arc, time::Duration};

use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use super::{
    Error, Listener, Peer, Service, Settings,
    accept::{Counted, Load, accept},
    connection::{Shared, drive},
    stop::Phase,
};
use crate::lifecycle::Shutdown;

/// How long a service may take to flush after its last connection.
const DRAINED: Duration = Duration::from_secs(5);

/// Serves on the current runtime until the stop. Dropping the future closes every connection.
///
/// # Errors
/// When the listener cannot be handed to the runtime.
pub async fn serve<S: Service>(
    listener: Listener,
    settings: Settings,
    service: S,
    shutdown: Shutdown,
) -> Result<(), Error> {
    let address = listener.local_addr();
    let listener = listener
        .into_tokio()
        .map_err(|source| Error::Register { address, source })?;
    let loads = [Load::default()];
    let connections = Connections::new(service, settings.clone());
    accept(
        &listener,
        &settings,
        &loads,
        &shutdown,
        |_, stream, peer, counted| {
            connections.take(stream, peer, counted);
        },
    )
    .await;
    drop(listener);
    connections.drain(shutdown.ended()).await;
    Ok(())
}

/// The open connections of one service instance, in tasks of the current runtime. Dropping it closes them.
#[derive(Debug)]
pub(super) struct Connections<S> {
    shared: Arc<Shared<S>>,
    tasks: TaskTracker,
}

impl<S> Drop for Connections<S> {
    fn drop(&mut self) {
        self.shared.stop.advance(Phase::Killed);
    }
}

impl<S: Service> Connections<S> {
    pub(super) fn new(service: S, settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared::new(service, settings)),
            tasks: TaskTracker::new(),
        }
    }

    /// Serves a connection in a task of its own.
    pub(super) fn take(&self, stream: TcpStream, peer: Peer, counted: Counted) {
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            drive(shared, stream, peer).await;
            drop(counted);
        });
    }

    /// Lets connections finish for the drain time or until `ended`, closes the rest, and has the service flush.
    pub(super) async fn drain(self, ended: impl Future<Output = ()>) {
        let Self { shared, tasks } = &self;
        shared.stop.advance(Phase::Closing);
        tasks.close();
        tokio::pin!(ended);
        let in_time = tokio::select! {
            () = tasks.wait() => true,
            () = tokio::time::sleep(shared.settings.drain_timeout) => false,
            () = &mut ended => false,
        };
        if !in_time {
            tracing::warn!(
                connections = tasks.len(),
                "closing connections that did not finish in time"
            );
        }
        shared.stop.advance(Phase::Killed);
        tasks.wait().await;
        tokio::select! {
            () = shared.service.drained() => {}
            () = tokio::time::sleep(DRAINED) => tracing::warn!("the service did not flush in time"),
            () = ended => {}
        }
    }
}
