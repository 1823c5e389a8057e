//! One WebSocket client: the feed to it, its groups both ways.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::stream::{self, SplitSink, SplitStream, Stream, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::Feed;
use super::batch::Batch;
use super::client::{Client, Told};
use super::groups::{Ear, Groups};
use super::stream::Stream as EventStream;
use super::wish::{Rate, Wish};

/// Messages that wait for a client beside the feed's.
const WAITING: usize = 256;
/// Groups one client may be in.
const MOST_GROUPS: usize = 16;
/// How long a client may take no byte.
const WRITE: Duration = Duration::from_secs(30);
/// How long a client has for its part of the farewell.
const FAREWELL: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// What is written to the socket next.
enum Said {
    Text(Utf8Bytes),
    Events(Arc<Batch>, usize),
    Ping,
    End(Utf8Bytes, CloseFrame),
}

/// How a session ends: with a reason to tell, or because nobody is there.
type Ending = Option<CloseFrame>;

/// Carries a client's messages until either side ends.
pub(super) async fn run(upgrade: OnUpgrade, client: Client, joined: Vec<String>) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let (feed, stream) = (Arc::clone(&client.feed), Arc::clone(&client.stream));
    let most = usize::try_from(feed.settings.max_message).unwrap_or(usize::MAX);
    let config = WebSocketConfig::default()
        .max_message_size(Some(most))
        .max_frame_size(Some(most));
    let io = TokioIo::new(upgraded);
    let socket: Socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
    let (sink, frames) = socket.split();
    feed.meters.websockets.inc();
    let (heard_tx, heard_rx) = mpsc::channel(WAITING);
    let overflow = CancellationToken::new();
    let pulse = Pulse::new(feed.settings.heartbeat);
    let mut member = Member {
        id: SESSIONS.fetch_add(1, Relaxed),
        ear: Ear { heard_tx, overflow },
        groups: HashSet::new(),
        feed,
        stream,
    };
    Box::pin(converse(
        &mut member,
        client,
        joined,
        (sink, frames),
        heard_rx,
        &pulse,
    ))
    .await;
    member.feed.meters.websockets.dec();
}

async fn converse(
    member: &mut Member,
    client: Client,
    joined: Vec<String>,
    (mut sink, mut frames): (SplitSink<Socket, Message>, SplitStream<Socket>),
    mut heard_rx: mpsc::Receiver<Utf8Bytes>,
    pulse: &Pulse,
) {
    let overflow = member.ear.overflow.clone();
    let ended = member.feed.ended.clone();
    let mut told = Box::pin(telling(client));
    let ending = tokio::select! {
        ending = write(&mut sink, told.as_mut(), &mut heard_rx, pulse) => ending,
        ending = member.read(&mut frames, joined, pulse) => ending,
        () = overflow.cancelled() => {
            member.feed.meters.slow.inc();
            close(CloseCode::Again, "slow")
        }
        () = ended.cancelled() => None,
    };
    if let Some(frame) = ending {
        // Who does not take part in the farewell is left without one.
        let farewell = async {
            sink.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = frames.next().await {}
            Ok::<_, Error>(())
        };
        let _outcome = timeout(FAREWELL, farewell).await;
    }
}

/// The feed, as it is said to a WebSocket.
fn telling(client: Client) -> impl Stream<Item = Said> + Send {
    stream::unfold(client, |mut client| async move {
        let said = match client.next().await? {
            Told::Opening(retry) => text("opening", None, &json!({"retry": retry})),
            Told::Snapshot(sequence) => text("snapshot", Some(sequence), &client.snapshot(sequence)),
            Told::Events(batch, from) => Said::Events(batch, from),
            Told::Heartbeat => Said::Ping,
            Told::Slow => end("closed", &json!({"reason": "slow"}), CloseCode::Again, "slow"),
            Told::Drain(retry) => end("drain", &json!({"retry": retry}), CloseCode::Restart, "drain"),
        };
        Some((said, client))
    })
}

fn frame(event: &str, id: Option<u64>, data: &serde_json::Value) -> Utf8Bytes {
    let id = id.map(|id| format!(r#","id":{id}"#)).unwrap_or_default();
    format!(r#"{{"event":"{event}"{id},"data":{data}}}"#).into()
}

fn text(event: &str, id: Option<u64>, data: &serde_json::Value) -> Said {
    Said::Text(frame(event, id, data))
}

fn end(event: &str, data: &serde_json::Value, code: CloseCode, reason: &'static str) -> Said {
    let reason = reason.into();
    Said::End(frame(event, None, data), CloseFrame { code, reason })
}

#[expect(clippy::unnecessary_wraps, reason = "an ending is one of several")]
fn close(code: CloseCode, reason: &'static str) -> Ending {
    let reason = reason.into();
    Some(CloseFrame { code, reason })
}

/// Writes what the feed and the groups have to say.
async fn write(
    sink: &mut SplitSink<Socket, Message>,
    mut told: Pin<&mut (impl Stream<Item = Said> + Send)>,
    heard_rx: &mut mpsc::Receiver<Utf8Bytes>,
    pulse: &Pulse,
) -> Ending {
    loop {
        let said = tokio::select! {
            said = told.next() => said?,
            heard = heard_rx.recv() => Said::Text(heard?),
        };
        let ending = match &said {
            Said::End(_, frame) => Some(frame.clone()),
            Said::Ping if pulse.is_gone() => return None,
            _ => None,
        };
        match timeout(WRITE, send(sink, said)).await {
            Ok(Ok(())) if ending.is_none() => {}
            Ok(Ok(())) => return ending,
            Ok(Err(_)) | Err(_) => return None,
        }
    }
}

async fn send(sink: &mut SplitSink<Socket, Message>, said: Said) -> Result<(), Error> {
    match said {
        Said::Text(text) | Said::End(text, _) => sink.feed(Message::Text(text)).await?,
        Said::Ping => sink.feed(Message::Ping(bytes::Bytes::new())).await?,
        Said::Events(batch, from) => {
            for message in batch.messages(from) {
                sink.feed(Message::Text(message.clone())).await?;
            }
        }
    }
    sink.flush().await
}

/// When the client was last heard of.
struct Pulse {
    started: Instant,
    heard_ms: AtomicU64,
    longest: Duration,
}

impl Pulse {
    fn new(heartbeat: Duration) -> Self {
        Self {
            started: Instant::now(),
            heard_ms: AtomicU64::new(0),
            // The answer to the last ping but one has not come.
            longest: heartbeat * 5 / 2,
        }
    }

    fn beat(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.store(elapsed, Relaxed);
    }

    fn is_gone(&self) -> bool {
        let heard = Duration::from_millis(self.heard_ms.load(Relaxed));
        self.started.elapsed().saturating_sub(heard) > self.longest
    }
}

/// The client's part in groups; it leaves them all when this is dropped.
struct Member {
    id: u64,
    ear: Ear,
    groups: HashSet<String>,
    feed: Arc<Feed>,
    stream: Arc<EventStream>,
}

impl Member {
    /// Obeys the client until it leaves or goes too far.
    async fn read(&mut self, frames: &mut SplitStream<Socket>, joined: Vec<String>, pulse: &Pulse) -> Ending {
        for group in joined {
            self.obey(Ok(Wish::Join(group))).await;
        }
        let mut rate = Rate::new(self.feed.settings.messages_per_second);
        while let Some(frame) = frames.next().await {
            pulse.beat();
            // Answers to our pings cost nothing.
            if !matches!(frame, Ok(Message::Pong(_))) && !rate.take() {
                return close(CloseCode::Policy, "too many messages");
            }
            match frame {
                Ok(Message::Text(text)) => self.obey(Wish::read(&text)).await,
                Ok(Message::Binary(_)) => return close(CloseCode::Unsupported, "text only"),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(Error::Capacity(_)) => return close(CloseCode::Size, "message too large"),
                Err(Error::Utf8(_)) => return close(CloseCode::Invalid, "not UTF-8"),
                Err(Error::Protocol(_)) => return close(CloseCode::Protocol, "protocol error"),
                Ok(Message::Close(_)) | Err(_) => return None,
            }
        }
        None
    }

    async fn obey(&mut self, wish: Result<Wish, &'static str>) {
        let done = match (self.feed.groups.clone(), wish) {
            (_, Err(why)) => Err(why),
            (None, Ok(_)) => Err("there are no groups here"),
            (Some(groups), Ok(Wish::Join(group))) => self.join(&groups, group).await,
            (Some(groups), Ok(Wish::Leave(group))) => {
                groups.leave(&group, self.id);
                self.groups.remove(&group);
                Ok(Some(frame("left", None, &json!({"group": group}))))
            }
            (Some(groups), Ok(Wish::Say { group, data })) => self.say(&groups, &group, &data).await,
        };
        let answer = match done {
            Ok(answer) => answer,
            Err(detail) => Some(frame("error", None, &json!({"detail": detail}))),
        };
        if let Some(answer) = answer {
            // The receiver lives as long as this does.
            let _gone = self.ear.heard_tx.send(answer).await;
        }
    }

    async fn join(&mut self, groups: &Arc<Groups>, group: String) -> Result<Option<Utf8Bytes>, &'static str> {
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains(&group) {
            return Err("a client is in 16 groups at most");
        }
        // Noted first: whatever becomes of it, it is left at the end.
        self.groups.insert(group.clone());
        if !groups.join(&self.stream, &group, self.id, self.ear.clone()).await {
            return Err("NATS cannot be reached; join again later");
        }
        Ok(Some(frame("joined", None, &json!({"group": group}))))
    }

    async fn say(&self, groups: &Groups, group: &str, data: &str) -> Result<Option<Utf8Bytes>, &'static str> {
        if !self.groups.contains(group) {
            return Err("join the group first");
        }
        if !groups.say(&self.stream, group, data).await {
            return Err("NATS cannot be reached; nobody has heard it");
        }
        self.feed.meters.group_messages.inc();
        // Its own message comes back like everybody's.
        Ok(None)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(groups) = &self.feed.groups {
            for group in &self.groups {
                groups.leave(group, self.id);
            }
        }
    }
}
