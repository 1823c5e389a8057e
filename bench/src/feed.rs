//! The live feed under load: many clients of one proxy, and events at a steady rate. Every event is accounted for at every client.

mod client;
mod ledger;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, context::PublishAckFuture};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;
use serde_json::json;
use tokio::sync::{Barrier, mpsc, watch};
use tokio::task::JoinSet;

use crate::Error;
use crate::accounting::Usage;
use crate::stack::Stack;
use client::Client;
use ledger::Ledger;

/// What the events are about; nobody else publishes on it.
const SUBJECT: &str = "events.bench.tick";
/// How long clients may take for what is left once everything is published.
const REST_WITHIN: Duration = Duration::from_secs(30);

/// One load of the feed.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FeedLoad {
    /// Clients, each with a connection of its own.
    pub clients: usize,
    /// Events a second.
    pub per_second: u32,
    /// For how long they are published.
    pub time: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct FeedResult {
    /// What was asked for.
    pub load: FeedLoad,
    /// Events published.
    pub events: usize,
    /// Events that reached a client, over all clients.
    pub delivered: u64,
    /// Events that a client never got, over all clients.
    pub lost: u64,
    /// Events that a client got again, over all clients.
    pub doubled: u64,
    /// Events that a client got after a later one, over all clients.
    pub out_of_order: u64,
    /// Connections that were taken up again.
    pub resumed: u64,
    /// Half came sooner after they were published, milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 came sooner, milliseconds.
    pub p99_ms: f64,
    /// The last to come, milliseconds.
    pub worst_ms: f64,
    /// Processors that the proxy kept busy meanwhile.
    pub proxy_cores: f64,
    /// The most memory that the proxy ever held, MiB.
    pub proxy_peak_mib: f64,
}

/// Runs one load against the proxy of a running system.
///
/// # Errors
///
/// When clients cannot connect, or events cannot be published.
pub async fn measure(stack: &Stack, load: FeedLoad) -> Result<FeedResult, Error> {
    allow_connections();
    let context = jetstream::new(
        async_nats::connect(stack.nats_url())
            .await
            .map_err(Error::nats("connect to nats-server"))?,
    );
    let (published, end) = watch::channel(None);
    let begin = Instant::now();
    let mut clients = join(stack, load, begin, &end).await?;
    let before = stack.proxy().usage()?;
    let publishing = Instant::now();
    let events = publish(&context, load, begin).await?;
    // Clients that have all know that they have.
    published.send_replace(Some((events, Instant::now() + REST_WITHIN)));
    let mut ledger = Ledger::default();
    while let Some(client) = clients.join_next().await {
        ledger.merge(client.expect("a client of the feed does not panic"));
    }
    let after = stack.proxy().usage()?;
    Ok(result(
        load,
        events,
        &ledger,
        publishing.elapsed(),
        (before, after),
    ))
}

/// All clients, each with its snapshot.
async fn join(
    stack: &Stack,
    load: FeedLoad,
    begin: Instant,
    end: &watch::Receiver<client::End>,
) -> Result<JoinSet<Ledger>, Error> {
    let ready = Arc::new(Barrier::new(load.clients + 1));
    let mut clients = JoinSet::new();
    for _ in 0..load.clients {
        let mut client = Client::open(stack.address, begin).await?;
        let (ready, end) = (Arc::clone(&ready), end.clone());
        clients.spawn(async move {
            ready.wait().await;
            client.follow(end).await;
            client.into_ledger()
        });
    }
    ready.wait().await;
    Ok(clients)
}

/// Publishes at a steady rate, whatever the server takes for each.
async fn publish(context: &jetstream::Context, load: FeedLoad, begin: Instant) -> Result<usize, Error> {
    let events =
        usize::try_from(load.time.as_millis() * u128::from(load.per_second) / 1000).unwrap_or(usize::MAX);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / load.per_second.max(1));
    // Acknowledgements are waited for beside: the client allows only so many that nobody has taken.
    let (store, mut storing) = mpsc::unbounded_channel::<PublishAckFuture>();
    let stored = tokio::spawn(async move {
        while let Some(acknowledged) = storing.recv().await {
            acknowledged.await.map_err(Error::nats("store an event"))?;
        }
        Ok::<(), Error>(())
    });
    for number in 0..events {
        ticks.tick().await;
        let at = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let payload =
            json!({"n": number, "at": at, "name": "an event as long as most are, with a few words in it"});
        let publishing = context.publish(SUBJECT, payload.to_string().into()).await;
        let publishing = publishing.map_err(Error::nats("publish an event"))?;
        if store.send(publishing).is_err() {
            break;
        }
    }
    drop(store);
    stored
        .await
        .expect("waiting for acknowledgements does not panic")?;
    Ok(events)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn result(
    load: FeedLoad,
    events: usize,
    ledger: &Ledger,
    took: Duration,
    usage: (Usage, Usage),
) -> FeedResult {
    let (before, after) = usage;
    let milliseconds = |quantile| ledger.delays.value_at_quantile(quantile) as f64 / 1000.0;
    let expected = (events * load.clients) as u64;
    FeedResult {
        load,
        events,
        delivered: ledger.delivered,
        lost: expected.saturating_sub(ledger.delivered),
        doubled: ledger.doubled,
        out_of_order: ledger.out_of_order,
        resumed: ledger.resumed,
        p50_ms: milliseconds(0.5),
        p99_ms: milliseconds(0.99),
        worst_ms: ledger.delays.max() as f64 / 1000.0,
        proxy_cores: after.processor.saturating_sub(before.processor).as_secs_f64() / took.as_secs_f64(),
        proxy_peak_mib: after.peak as f64 / (1024.0 * 1024.0),
    }
}

/// As many open files as this process may have: each client is one.
fn allow_connections() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // What is not allowed shows when a client cannot connect.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    );
}
