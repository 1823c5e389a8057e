//! The feed over a WebSocket.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use runtime::lifecycle::Reason;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::stage::Stage;
use crate::client::{Connection, bytes, request};
use crate::system::until;

const PATIENCE: Duration = Duration::from_secs(40);
const HANDSHAKE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// A client that has its WebSocket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(address: SocketAddr, target: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}{target}");
        let (socket, answer) = Box::pin(tokio_tungstenite::client_async(url, stream))
            .await
            .unwrap();
        assert!(answer.headers().contains_key("x-request-id"));
        Self(socket)
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Message {
        let next = timeout(PATIENCE, self.0.next())
            .await
            .expect("the socket is silent");
        next.expect("the socket ended").unwrap()
    }

    /// The next message of this kind, whatever comes before it.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.next().await {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["event"] == kind {
                    return message;
                }
            }
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The code it is closed with.
    async fn code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.unwrap().code.into();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_gets_what_server_sent_events_say() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    stage.count(0..2).await;
    let mut socket = Socket::open(proxy.address, "/events?subject=events.number.*").await;
    assert!(socket.expect("opening").await["data"]["retry"].is_u64());
    let snapshot = socket.expect("snapshot").await;
    assert_eq!(
        (&snapshot["id"], &snapshot["data"]["sequence"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(snapshot["data"]["subject"], "events.number.*");
    stage.count(2..4).await;
    for number in 2..4 {
        let message = socket.expect("message").await;
        assert_eq!(message["id"], number + 1);
        assert_eq!(message["data"]["data"], json!({"n": number}));
        assert_eq!(message["data"]["subject"], "events.number.counted");
    }
    let mut resumed = Socket::open(proxy.address, "/events?last-event-id=1").await;
    for number in 1..4 {
        assert_eq!(resumed.expect("message").await["data"]["data"]["n"], number);
    }
    assert_eq!(proxy.metric("feed_websockets"), 2);
    assert_eq!(
        proxy.metric("http_connections_open"),
        2,
        "a WebSocket is a connection"
    );
    drop((socket, resumed));
    until("they are gone", || {
        proxy.metric("feed_clients") == 0 && proxy.metric("http_connections_open") == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_from_elsewhere_or_of_another_kind_is_refused() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| config.feed.origins = vec!["https://app.example".to_owned()])
        .await;
    let attempt = async |change: (&'static str, &'static str)| {
        let mut headers = HANDSHAKE.to_vec();
        headers.retain(|(name, _)| *name != change.0);
        headers.push(change);
        request(proxy.address, "GET", "/events", &headers, b"").await
    };
    for (change, status) in [
        (("Origin", "https://evil.example"), 403),
        (("Origin", "null"), 403),
        (("Sec-WebSocket-Version", "8"), 426),
        (("Sec-WebSocket-Key", "short"), 400),
        (("Connection", "keep-alive"), 400),
    ] {
        let answer = attempt(change).await;
        assert_eq!(answer.status, status, "{change:?}");
        answer.problem();
    }
    assert_eq!(
        attempt(("Sec-WebSocket-Version", "8"))
            .await
            .header("sec-websocket-version"),
        Some("13")
    );
    for origin in ["http://proxy", "https://app.example"] {
        assert_eq!(attempt(("Origin", origin)).await.status, 101);
    }
    // Elsewhere nobody upgrades, whatever is asked for, and what follows is a request like any other.
    let mut connection = Connection::open(proxy.address).await;
    let twice = [
        bytes("GET", "/nowhere", &HANDSHAKE, b""),
        bytes("GET", "/a%00", &[], b""),
    ]
    .concat();
    connection.send(&twice).await;
    assert_eq!(connection.answer().await.status, 404);
    assert_eq!(connection.answer().await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_too_far_is_told_by_a_code() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| {
            config.feed.max_message = 1024;
            config.feed.messages_per_second = 5;
        })
        .await;
    let open = async || Socket::open(proxy.address, "/events").await;
    let mut large = open().await;
    large.say(&"x".repeat(1025)).await;
    assert_eq!(large.code().await, 1009);
    let mut binary = open().await;
    binary.send(Message::binary(vec![0])).await;
    assert_eq!(binary.code().await, 1003);
    let mut hasty = open().await;
    for _ in 0..12 {
        hasty.say("{}").await;
    }
    assert_eq!(hasty.code().await, 1008);
    let mut pings = open().await;
    for _ in 0..12 {
        pings.send(Message::Ping("x".into())).await;
    }
    assert_eq!(pings.code().await, 1008);
    let mut wrong = open().await;
    for (text, word) in [
        ("{}", "a message is"),
        (r#"{"join":"a.>"}"#, "a group is"),
        (r#"{"group":"a","data":1}"#, "join the group first"),
    ] {
        wrong.say(text).await;
        let error = wrong.expect("error").await;
        assert!(
            error["data"]["detail"].as_str().unwrap().starts_with(word),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_no_ping_is_let_go() {
    let stage = Stage::set().await;
    let proxy = stage
        .proxy(|config| config.feed.heartbeat = Duration::from_millis(50))
        .await;
    let mut alive = Socket::open(proxy.address, "/events").await;
    let mut dead = Connection::open(proxy.address).await;
    dead.send(&bytes("GET", "/events", &HANDSHAKE, b"")).await;
    assert_eq!(dead.answer().await.status, 101);
    let pinged = tokio::spawn(async move {
        let mut pings = 0;
        while pings < 40 {
            pings += usize::from(matches!(alive.next().await, Message::Ping(_)));
        }
        alive
    });
    while !dead.is_closed().await {}
    let _alive = pinged.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_websockets_are_told_to_reconnect() {
    let stage = Stage::set().await;
    let proxy = stage.proxy(|_| {}).await;
    let mut socket = Socket::open(proxy.address, "/events").await;
    socket.expect("snapshot").await;
    proxy.shutdown.drain(Reason::Requested);
    assert!(socket.expect("drain").await["data"]["retry"].is_u64());
    assert_eq!(socket.code().await, 1012);
    drop(socket);
    until("the proxy has ended", || proxy.task.is_finished()).await;
}
