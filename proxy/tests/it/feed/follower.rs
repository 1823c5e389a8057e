//! A client of the feed that reads as slowly as it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing takes longer than this, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// One event as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) id: Option<u64>,
    pub(crate) data: String,
    pub(crate) retry: Option<u64>,
    pub(crate) comment: bool,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// A client that has its head.
pub(crate) struct Follower {
    stream: TcpStream,
    pub(crate) head: String,
    raw: Vec<u8>,
    text: String,
    is_over: bool,
}

impl Follower {
    /// Follows everything, from now on or from after `last`.
    pub(crate) async fn open(address: SocketAddr, last: Option<u64>) -> Self {
        Self::open_at(address, "/events", last).await
    }

    /// Follows what this target says.
    pub(crate) async fn open_at(address: SocketAddr, target: &str, last: Option<u64>) -> Self {
        let follower = Self::ask(address, target, last).await;
        assert_eq!(follower.status(), 200, "{}", follower.head);
        follower
    }

    /// As [`Self::open_at`]; `None` if nobody is there.
    pub(crate) async fn attempt(address: SocketAddr, target: &str, last: Option<u64>) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        let follower = Self::begin(stream, target, last).await?;
        (follower.status() == 200).then_some(follower)
    }

    async fn ask(address: SocketAddr, target: &str, last: Option<u64>) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::begin(stream, target, last).await.unwrap()
    }

    /// With little room for what is not read: more than the largest segment, or TCP would only probe now and then.
    pub(crate) async fn open_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(256 * 1024).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self::begin(stream, "/events", None).await.unwrap()
    }

    async fn begin(mut stream: TcpStream, target: &str, last: Option<u64>) -> Option<Self> {
        let last = last
            .map(|last| format!("Last-Event-ID: {last}\r\n"))
            .unwrap_or_default();
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: proxy\r\nAccept: text/event-stream\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut follower = Self {
            stream,
            head: String::new(),
            raw: Vec::new(),
            text: String::new(),
            is_over: false,
        };
        loop {
            if let Some(end) = follower.raw.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = follower.raw.drain(..end + 4).collect();
                follower.head = String::from_utf8(head).unwrap();
                follower.decode();
                return Some(follower);
            }
            follower.more().await?;
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The next event of any kind, or comment; `None` at the end.
    pub(crate) async fn any(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event = parse(&self.text[..end]);
                self.text.drain(..end + 2);
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            timeout(PATIENCE, self.more())
                .await
                .expect("the feed is silent")?;
            self.decode();
        }
    }

    /// The next event that is no comment and no bare `retry`.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.any().await?;
            if !event.data.is_empty() {
                return Some(event);
            }
        }
    }

    /// The sequence of the snapshot that comes next.
    pub(crate) async fn snapshot(&mut self) -> u64 {
        let event = self.next().await.unwrap();
        assert_eq!(event.kind, "snapshot", "{event:?}");
        assert_eq!(event.json()["sequence"].as_u64(), event.id);
        event.id.unwrap()
    }

    /// The next `count` events' numbers.
    pub(crate) async fn numbers(&mut self, count: usize) -> Vec<u64> {
        let mut numbers = Vec::with_capacity(count);
        while numbers.len() < count {
            let event = self.next().await.expect("the feed ended early");
            assert_eq!(event.kind, "message", "{event:?}");
            numbers.push(event.json()["data"]["n"].as_u64().unwrap());
        }
        numbers
    }

    async fn more(&mut self) -> Option<()> {
        let mut buffer = vec![0; 16 * 1024];
        match self.stream.read(&mut buffer).await {
            Ok(0) | Err(_) => None,
            Ok(length) => {
                self.raw.extend_from_slice(&buffer[..length]);
                Some(())
            }
        }
    }

    /// Takes the chunks that are here whole.
    fn decode(&mut self) {
        while let Some(end) = self.raw.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap_or_else(|_| panic!("no chunk size: {size}"));
            let whole = end + 2 + size + 2;
            if self.raw.len() < whole {
                return;
            }
            self.is_over = size == 0;
            let chunk: Vec<u8> = self.raw.drain(..whole).collect();
            self.text
                .push_str(std::str::from_utf8(&chunk[end + 2..whole - 2]).unwrap());
        }
    }
}

fn parse(block: &str) -> Event {
    let mut event = Event {
        kind: "message".to_owned(),
        id: None,
        data: String::new(),
        retry: None,
        comment: false,
    };
    for line in block.lines() {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "" => event.comment = true,
            "id" => event.id = Some(value.parse().unwrap()),
            "event" => value.clone_into(&mut event.kind),
            "data" => event.data.push_str(value),
            "retry" => event.retry = Some(value.parse().unwrap()),
            other => panic!("no field of an event: {other}"),
        }
    }
    event
}
