//! The transport's own limit: the same requests as through the proxy, without HTTP, in this one process.
//!
//! Requesters publish into `REQUESTS` and wait for answers on one wildcard inbox; worker threads pull from the
//! consumer, answer, acknowledge. Streams, consumer, subjects, headers and sizes are those of the
//! whole system, and so is the client library. What is left out is HTTP, limits, deadlines, logs and metrics.

mod headers;
mod inbox;
mod requester;
mod worker;

pub use worker::Worker;

use std::thread::JoinHandle;

use async_nats::{Client, ConnectOptions};
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::load::Target;
use requester::Requester;

/// Connects as our services do: no client-side delay, answers without a subscription a request.
async fn connect(url: &str) -> Result<Client, Error> {
    ConnectOptions::new()
        .connect(url)
        .await
        .map_err(Error::nats("connect to nats-server"))
}

/// A nats-server with workers on it, ready to be loaded.
pub struct Transport {
    url: String,
    stop: CancellationToken,
    workers: Vec<JoinHandle<Result<(), Error>>>,
}

impl Transport {
    /// Starts `workers` worker threads on the server at `url`.
    ///
    /// # Errors
    ///
    /// When a thread cannot be started.
    pub fn start(url: &str, workers: usize) -> Result<Self, Error> {
        let stop = CancellationToken::new();
        let workers = (0..workers)
            .map(|_| {
                Worker {
                    url: url.to_owned(),
                    stop: stop.clone(),
                }
                .spawn()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            url: url.to_owned(),
            stop,
            workers,
        })
    }

    /// Ends the worker threads.
    ///
    /// # Errors
    ///
    /// When one had failed.
    pub fn stop(self) -> Result<(), Error> {
        self.stop.cancel();
        self.workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("a worker does not panic"))
    }
}

impl Target for Transport {
    type Caller = Requester;

    async fn open(&self, count: usize) -> Result<Vec<Requester>, Error> {
        requester::open(&self.url, count).await
    }
}
