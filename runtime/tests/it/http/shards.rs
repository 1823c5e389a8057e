//! Several threads, each with its own service.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use bytes::Bytes;
use http_body_util::Full;
use runtime::{
    http::{Error, Listener, Peer, Request, Response, Service, Settings, serve_sharded},
    lifecycle::{Reason, Shutdown},
};

use super::client::{Client, PATIENCE};

/// Answers with its shard and notes on which thread it was asked.
struct Shard {
    index: usize,
    threads: Arc<Mutex<HashMap<usize, Vec<ThreadId>>>>,
}

impl Service for Shard {
    type Body = Full<Bytes>;

    async fn call(&self, _: Request, _: Peer) -> Response<Full<Bytes>> {
        self.threads
            .lock()
            .unwrap()
            .entry(self.index)
            .or_default()
            .push(thread::current().id());
        Response::new(Full::new(Bytes::from(self.index.to_string())))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_spread_evenly_and_each_stays_on_the_thread_of_its_shard() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (address, shutdown) = (listener.local_addr(), Shutdown::new());
    let threads = Arc::new(Mutex::new(HashMap::new()));
    let seen = Arc::clone(&threads);
    let factory = move |index| {
        let threads = Arc::clone(&seen);
        async move { Ok::<_, std::io::Error>(Shard { index, threads }) }
    };
    let running = tokio::spawn(serve_sharded(
        listener,
        Settings::default(),
        4,
        factory,
        shutdown.clone(),
    ));
    let mut clients = Vec::new();
    let mut counts = HashMap::<Vec<u8>, usize>::new();
    for _ in 0..16 {
        let mut client = Client::connect(address).await;
        let first = client.get("/").await.body;
        assert_eq!(client.get("/").await.body, first);
        *counts.entry(first).or_default() += 1;
        clients.push(client);
    }
    assert_eq!(counts.len(), 4);
    assert!(counts.values().all(|&count| count == 4), "{counts:?}");
    for threads in threads.lock().unwrap().values() {
        assert!(threads.windows(2).all(|pair| pair[0] == pair[1]));
    }
    shutdown.drain(Reason::Requested);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_factory_that_fails_stops_the_server_and_says_why() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let factory = |index| async move {
        let threads = Arc::default();
        if index == 1 {
            Err(std::io::Error::other("no store"))
        } else {
            Ok(Shard { index, threads })
        }
    };
    let error = serve_sharded(listener, Settings::default(), 3, factory, Shutdown::new())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Factory { shard: 1, source } if source.to_string() == "no store"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_factory_that_panics_stops_the_server_and_says_which() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let factory = |index| async move {
        assert_ne!(index, 2, "this shard has a fault");
        Ok::<_, std::io::Error>(Shard {
            index,
            threads: Arc::default(),
        })
    };
    let error = serve_sharded(listener, Settings::default(), 3, factory, Shutdown::new())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Died { shard: 2 }), "{error:?}");
}

#[tokio::test]
async fn a_stop_while_the_services_are_being_made_ends_the_server() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let factory = move |_| {
        stop.drain(Reason::Requested);
        std::future::pending::<Result<Shard, std::io::Error>>()
    };
    let serving = serve_sharded(listener, Settings::default(), 2, factory, shutdown);
    tokio::time::timeout(PATIENCE, serving)
        .await
        .expect("the server waits for a service")
        .unwrap();
}
