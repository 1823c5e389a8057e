//! Messages into a stream without a break, each tried until it is acknowledged, and what the stream has of them in the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Context, consumer::pull, message::PublishMessage};
use futures_util::StreamExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const STREAM: &str = "EVENTS";
/// Publishers side by side, each of which waits for its acknowledgement.
const PUBLISHERS: usize = 8;
/// An acknowledgement that takes longer is given up, and the same message sent again under the same id.
const PATIENCE: Duration = Duration::from_secs(2);
/// For everything to go on after a server has died.
const LIMIT: Duration = Duration::from_mins(2);

/// A load that goes on.
pub(super) struct Load {
    jetstream: Context,
    seen: Arc<Mutex<Seen>>,
    publishers: JoinSet<()>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Seen {
    /// By id, in their order.
    acknowledged: Vec<(String, Instant)>,
    failed: usize,
}

/// What came of it.
pub(super) struct End {
    pub(super) acknowledged: usize,
    /// Acknowledged, and not in the stream.
    pub(super) lost: Vec<String>,
    /// Messages that are in the stream more than once.
    pub(super) twice: usize,
    /// Attempts that nobody answered.
    pub(super) failed: usize,
    times: Vec<Instant>,
}

impl Load {
    /// Connects as somebody who may do everything, and begins.
    pub(super) async fn begin(address: &str) -> Self {
        let options = ConnectOptions::with_user_and_password("admin".into(), "development-admin".into())
            .retry_on_initial_connect()
            .max_reconnects(None)
            // It is the forward that is connected to, whichever server is behind it.
            .ignore_discovered_servers()
            .reconnect_delay_callback(|_| Duration::from_millis(100));
        let client = options.connect(address).await.expect("the options are right");
        let mut load = Self {
            jetstream: jetstream::new(client),
            seen: Arc::default(),
            publishers: JoinSet::new(),
            stop: CancellationToken::new(),
        };
        for publisher in 0..PUBLISHERS {
            let (jetstream, seen, stop) = (load.jetstream.clone(), Arc::clone(&load.seen), load.stop.clone());
            load.publishers.spawn(publish(publisher, jetstream, seen, stop));
        }
        load
    }

    /// Waits until so many more are acknowledged.
    pub(super) async fn goes_on(&self, more: usize) {
        let wanted = locked(&self.seen).acknowledged.len() + more;
        let going = async {
            while locked(&self.seen).acknowledged.len() < wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let went = tokio::time::timeout(LIMIT, going).await;
        went.unwrap_or_else(|_| panic!("{} writes failed", locked(&self.seen).failed));
    }

    /// The server that leads the stream.
    pub(super) async fn leader(&self) -> String {
        let info = self
            .jetstream
            .get_stream(STREAM)
            .await
            .expect("the stream is there");
        let cluster = info.cached_info().cluster.as_ref();
        let leader = cluster.and_then(|cluster| cluster.leader.clone());
        leader.expect("it has a leader")
    }

    /// Lets every publisher finish what it is at, and compares.
    pub(super) async fn end(mut self) -> End {
        self.stop.cancel();
        while let Some(ended) = self.publishers.join_next().await {
            ended.expect("no publisher panics");
        }
        let stored = self.stored().await;
        let seen = locked(&self.seen);
        let lost = seen.acknowledged.iter().map(|(id, _)| id);
        End {
            acknowledged: seen.acknowledged.len(),
            lost: lost.filter(|id| !stored.contains_key(*id)).cloned().collect(),
            twice: stored.values().filter(|count| **count > 1).count(),
            failed: seen.failed,
            times: seen.acknowledged.iter().map(|(_, at)| *at).collect(),
        }
    }

    /// How often each message is in the stream.
    async fn stored(&self) -> HashMap<String, usize> {
        let stream = self
            .jetstream
            .get_stream(STREAM)
            .await
            .expect("the stream is there");
        let total = stream.cached_info().state.messages;
        let ordered = pull::OrderedConfig::default();
        let consumer = stream.create_consumer(ordered).await.expect("admin may read");
        let mut messages = consumer.messages().await.expect("it can be read");
        let mut stored = HashMap::new();
        for _ in 0..total {
            let message = messages
                .next()
                .await
                .expect("there are more")
                .expect("it arrives");
            let id = String::from_utf8_lossy(&message.payload).into_owned();
            *stored.entry(id).or_default() += 1;
        }
        stored
    }
}

impl End {
    /// The longest time without an acknowledgement that began or ended between these moments.
    pub(super) fn gap(&self, from: Instant, to: Instant) -> Duration {
        let pairs = self
            .times
            .windows(2)
            .filter(|pair| pair[1] >= from && pair[0] <= to);
        pairs.map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

async fn publish(publisher: usize, jetstream: Context, seen: Arc<Mutex<Seen>>, stop: CancellationToken) {
    for number in 0.. {
        let id = format!("{publisher}-{number}");
        while !sent(&jetstream, &id).await {
            locked(&seen).failed += 1;
        }
        locked(&seen).acknowledged.push((id, Instant::now()));
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Whether it was acknowledged in time.
async fn sent(jetstream: &Context, id: &str) -> bool {
    let message = PublishMessage::build()
        .message_id(id)
        .payload(id.to_owned().into());
    let acknowledged = async {
        let sent = jetstream
            .send_publish(format!("events.peers.{id}"), message)
            .await
            .ok()?;
        sent.await.ok()
    };
    let acknowledged = tokio::time::timeout(PATIENCE, acknowledged).await;
    acknowledged.is_ok_and(|acknowledged| acknowledged.is_some())
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
