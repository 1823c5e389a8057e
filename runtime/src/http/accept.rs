//! Takes sockets from the kernel, for as long as the server accepts, whatever goes wrong.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{
            AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    time::Duration,
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{Peer, Settings, answer, farewell::farewell};
use crate::lifecycle::Shutdown;

/// Refused connections that are being told so at the same time; more are closed without a word.
const REFUSALS: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// Where connections come from: a TCP listener, or a test.
pub(super) trait Accept {
    /// The next connection.
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        TcpListener::accept(self)
    }
}

/// The number of open connections of one service instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Load(Arc<AtomicUsize>);

/// One open connection, counted as long as this lives.
#[derive(Debug)]
pub(super) struct Counted {
    load: Load,
    open: Gauge,
}

impl Load {
    pub(super) fn get(&self) -> usize {
        self.0.load(Acquire)
    }

    fn count(&self, open: &Gauge) -> Counted {
        self.0.fetch_add(1, AcqRel);
        open.inc();
        Counted {
            load: self.clone(),
            open: open.clone(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.load.0.fetch_sub(1, AcqRel);
        self.open.dec();
    }
}

/// Accepts until the soft stop (and its grace) and hands each connection to the least loaded of `loads`, by its index.
pub(super) async fn accept(
    listener: &impl Accept,
    settings: &Settings,
    loads: &[Load],
    shutdown: &Shutdown,
    mut hand_over: impl FnMut(usize, TcpStream, Peer, Counted),
) {
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut stop = pin!(stop(settings, shutdown));
    while let Some((stream, address)) = next(listener, stop.as_mut()).await {
        let open: usize = loads.iter().map(Load::get).sum();
        if open >= settings.max_connections {
            settings.meters.refused.inc();
            refuse(stream, &refusals);
            continue;
        }
        settings.meters.accepted.inc();
        let connection = CONNECTIONS.fetch_add(1, Relaxed);
        // Of equally loaded shards the first idle one would get all short connections: rotate.
        let start = usize::try_from(connection).unwrap_or(0) % loads.len().max(1);
        let order = (start..loads.len()).chain(0..start);
        let Some(shard) = order.min_by_key(|&shard| loads[shard].get()) else {
            return;
        };
        let counted = loads[shard].count(&settings.meters.open);
        hand_over(shard, stream, Peer { address, connection }, counted);
    }
}

/// Resolves when accepting ends: after the soft stop and its grace, or at the hard stop.
async fn stop(settings: &Settings, shutdown: &Shutdown) {
    shutdown.draining().await;
    tokio::select! {
        () = tokio::time::sleep(settings.accept_grace) => {}
        () = shutdown.ended() => {}
    }
}

/// The next connection, however long the system has none to give; `None` when accepting ends.
async fn next(
    listener: &impl Accept,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Option<(TcpStream, SocketAddr)> {
    let mut pause = Pause::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.as_mut() => return None,
            accepted = listener.accept() => accepted,
        };
        let error = match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) => error,
        };
        let wait = pause.after(&error);
        if !wait.is_zero() {
            tracing::warn!(%error, pause_ms = wait.as_millis(), "cannot accept connections for now");
            tokio::select! {
                () = stop.as_mut() => return None,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

fn refuse(stream: TcpStream, refusals: &Arc<Semaphore>) {
    if let Ok(permit) = Arc::clone(refusals).try_acquire_owned() {
        drop(tokio::spawn(async move {
            farewell(stream, Some(answer::TOO_MANY_CONNECTIONS)).await;
            drop(permit);
        }));
    }
}

/// How long to wait after an accept error.
#[derive(Debug)]
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    /// Nothing for an error of the one connection, growing waits for an error of ours (no descriptors, no memory).
    fn after(&mut self, error: &io::Error) -> Duration {
        match error.kind() {
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted => Duration::ZERO,
            _ => {
                let wait = self.0;
                self.0 = (wait * 2).min(LONGEST_PAUSE);
                wait
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::lifecycle::Reason;

    /// Fails with the given errors first, then accepts.
    struct Failing {
        errors: Mutex<Vec<i32>>,
        listener: TcpListener,
    }

    impl Accept for Failing {
        async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
            let next = self.errors.lock().unwrap().pop();
            match next {
                Some(code) => Err(io::Error::from_raw_os_error(code)),
                None => self.listener.accept().await,
            }
        }
    }

    #[tokio::test]
    async fn accepting_goes_on_after_running_out_of_descriptors() {
        const EMFILE: i32 = 24;
        const ECONNABORTED: i32 = 103;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let failing = Failing {
            errors: Mutex::new(vec![EMFILE, ECONNABORTED, EMFILE]),
            listener,
        };
        let _client = TcpStream::connect(address).await.unwrap();
        let shutdown = Shutdown::new();
        let mut peers = Vec::new();
        accept(
            &failing,
            &Settings::default(),
            &[Load::default()],
            &shutdown,
            |_, _, peer, _| {
                peers.push(peer);
                shutdown.drain(Reason::Requested);
            },
        )
        .await;
        assert_eq!(peers.len(), 1);
        assert!(failing.errors.lock().unwrap().is_empty());
    }

    #[test]
    fn pauses_grow_to_a_second_and_skip_errors_of_the_peer() {
        let mut pause = Pause::default();
        assert_eq!(
            pause.after(&io::ErrorKind::ConnectionAborted.into()),
            Duration::ZERO
        );
        let waits: Vec<_> = (0..10)
            .map(|_| pause.after(&io::Error::from_raw_os_error(24)))
            .collect();
        assert!(waits.is_sorted());
        assert_eq!((waits[0], waits[9]), (FIRST_PAUSE, LONGEST_PAUSE));
    }

    #[tokio::test]
    async fn the_least_loaded_shard_gets_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut clients = Vec::new();
        for _ in 0..6 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let loads = [Load::default(), Load::default(), Load::default()];
        let gauge = Gauge::default();
        let _busy = [loads[1].count(&gauge), loads[1].count(&gauge)];
        let shutdown = Shutdown::new();
        let mut kept = Vec::new();
        accept(
            &listener,
            &Settings::default(),
            &loads,
            &shutdown,
            |_, _, _, counted| {
                kept.push(counted);
                if kept.len() == 6 {
                    shutdown.drain(Reason::Requested);
                }
            },
        )
        .await;
        let counts: Vec<usize> = loads.iter().map(Load::get).collect();
        assert_eq!(counts.iter().sum::<usize>(), 8);
        assert!(counts.iter().all(|count| (2..=3).contains(count)), "{counts:?}");
    }
}
