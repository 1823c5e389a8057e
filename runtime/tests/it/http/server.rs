//! A server on a free port with a service that does what the path says.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use runtime::{
    http::{self, Listener, Meters, Peer, Request, Response, Service, Settings, body},
    lifecycle::Shutdown,
};
use tokio::{sync::Notify, task::JoinHandle};

/// Bytes that `/big` answers: more than the socket buffers of both ends together.
pub(crate) const BIG: usize = 64 * 1024 * 1024;
pub(crate) const BODY_LIMIT: usize = 1024;

/// What the service has seen, and the switch for `/wait`.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) calls: AtomicUsize,
    pub(crate) waiting: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
    pub(crate) drained: AtomicBool,
    pub(crate) go_on: Notify,
}

#[derive(Debug, Clone)]
pub(crate) struct Puppet {
    pub(crate) seen: Arc<Seen>,
    pub(crate) body_timeout: Duration,
}

/// Counts a `/wait` that was dropped before its answer.
struct Waiting(Arc<Seen>, bool);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
        if !self.1 {
            self.0.dropped.fetch_add(1, SeqCst);
        }
    }
}

impl Service for Puppet {
    type Body = Full<Bytes>;

    async fn call(&self, request: Request, _: Peer) -> Response<Full<Bytes>> {
        self.seen.calls.fetch_add(1, SeqCst);
        match request.uri().path() {
            "/big" => Response::new(Full::new(Bytes::from(vec![b'x'; BIG]))),
            "/wait" => {
                self.seen.waiting.fetch_add(1, SeqCst);
                let mut waiting = Waiting(Arc::clone(&self.seen), false);
                self.seen.go_on.notified().await;
                waiting.1 = true;
                Response::new(Full::new(Bytes::from_static(b"waited")))
            }
            "/echo" => {
                let limits = body::Limits {
                    max_bytes: BODY_LIMIT,
                    idle_timeout: self.body_timeout,
                    read_timeout: self.body_timeout * 4,
                };
                match body::collect(request.into_body(), &limits).await {
                    Ok(body) => Response::new(Full::new(body)),
                    Err(error) => {
                        let mut response = Response::new(Full::new(Bytes::from(error.to_string())));
                        *response.status_mut() = error.status();
                        response
                    }
                }
            }
            "/panic" => panic!("the service has a fault"),
            _ => Response::new(Full::new(Bytes::from_static(b"hello"))),
        }
    }

    async fn drained(&self) {
        self.seen.drained.store(true, SeqCst);
    }
}

/// A running server; dropping it closes everything.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    pub(crate) meters: Meters,
    pub(crate) shutdown: Shutdown,
    pub(crate) running: JoinHandle<Result<(), http::Error>>,
}

impl Server {
    pub(crate) fn start(settings: Settings) -> Self {
        Self::with_body_timeout(settings, Duration::from_secs(10))
    }

    pub(crate) fn with_body_timeout(settings: Settings, body_timeout: Duration) -> Self {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, meters, shutdown) = (listener.local_addr(), settings.meters.clone(), Shutdown::new());
        let seen = Arc::new(Seen::default());
        let puppet = Puppet {
            seen: Arc::clone(&seen),
            body_timeout,
        };
        let running = tokio::spawn(http::serve(listener, settings, puppet, shutdown.clone()));
        Self {
            address,
            seen,
            meters,
            shutdown,
            running,
        }
    }

    pub(crate) fn sharded(settings: Settings, shards: usize) -> Self {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, meters, shutdown) = (listener.local_addr(), settings.meters.clone(), Shutdown::new());
        let seen = Arc::new(Seen::default());
        let puppet = Puppet {
            seen: Arc::clone(&seen),
            body_timeout: Duration::from_secs(10),
        };
        let factory = move |_| {
            let puppet = puppet.clone();
            async move { Ok::<_, std::io::Error>(puppet) }
        };
        let running = tokio::spawn(http::serve_sharded(
            listener,
            settings,
            shards,
            factory,
            shutdown.clone(),
        ));
        Self {
            address,
            seen,
            meters,
            shutdown,
            running,
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.seen.calls.load(SeqCst)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.seen.waiting.load(SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.seen.dropped.load(SeqCst)
    }

    pub(crate) fn closed(&self, cause: http::Closed) -> u64 {
        self.meters.closed.get_or_create(&http::Cause { cause }).get()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}
