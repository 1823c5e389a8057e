//! A client of the feed: server-sent events in a chunked answer, read with little work, resumed when the connection ends.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until};

use super::ledger::Ledger;
use crate::Error;

/// How many events were published, and until when they are waited for; `None` while they are being published.
pub(super) type End = Option<(usize, Instant)>;

/// Pause before a connection is taken up again.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection and what came over it.
pub(super) struct Client {
    address: SocketAddr,
    /// When the clock of the events began.
    begin: Instant,
    stream: TcpStream,
    /// Chunks that are not whole yet.
    raw: Vec<u8>,
    /// A line that is not whole yet.
    text: Vec<u8>,
    last: Option<u64>,
    ledger: Ledger,
}

#[derive(Deserialize)]
struct Change {
    data: Tick,
}

#[derive(Deserialize)]
struct Tick {
    n: usize,
    at: u64,
}

impl Client {
    /// Connects, and reads until the snapshot.
    pub(super) async fn open(address: SocketAddr, begin: Instant) -> Result<Self, Error> {
        let failed = |source| Error::Connect {
            address: format!("the live feed at {address}"),
            source,
        };
        let (stream, raw) = connect(address, None).await.map_err(failed)?;
        let mut client = Self {
            address,
            begin,
            stream,
            raw,
            text: Vec::new(),
            last: None,
            ledger: Ledger::default(),
        };
        while client.last.is_none() {
            client.chunk().await.map_err(failed)?;
        }
        Ok(client)
    }

    /// Follows until every event has come, or the time for it is over.
    pub(super) async fn follow(&mut self, mut end: watch::Receiver<End>) {
        loop {
            let until = *end.borrow_and_update();
            if until.is_some_and(|(events, _)| self.ledger.has_all(events)) {
                return;
            }
            let over = async {
                match until {
                    Some((_, until)) => sleep_until(until.into()).await,
                    None => std::future::pending().await,
                }
            };
            // A read is taken up where it was left: nothing of it is in flight when something else is ready first.
            tokio::select! {
                read = self.chunk() => if read.is_err() {
                    self.resume().await;
                },
                Ok(()) = end.changed() => {}
                () = over => return,
            }
        }
    }

    pub(super) fn into_ledger(self) -> Ledger {
        self.ledger
    }

    async fn resume(&mut self) {
        self.ledger.resumed += 1;
        self.text.clear();
        sleep(PAUSE).await;
        // Refused: tried again by the read that fails next.
        if let Ok((stream, raw)) = connect(self.address, self.last).await {
            (self.stream, self.raw) = (stream, raw);
        }
    }

    /// Reads what has come, and enters all events that are whole.
    async fn chunk(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.raw).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let now = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut at = 0;
        while let Some((content, next)) = chunk(&self.raw[at..])? {
            self.text.extend_from_slice(&self.raw[at..][content]);
            at += next;
        }
        self.raw.drain(..at);
        self.lines(now);
        Ok(())
    }

    /// Enters what the lines that are whole say.
    fn lines(&mut self, now: u64) {
        let mut at = 0;
        while let Some(length) = self.text[at..].iter().position(|byte| *byte == b'\n') {
            let line = &self.text[at..at + length];
            at += length + 1;
            if let Some(id) = line.strip_prefix(b"id: ") {
                self.last = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok());
            } else if let Some(data) = line.strip_prefix(b"data: ")
                && let Ok(Change { data }) = serde_json::from_slice(data)
            {
                self.ledger.enter(data.n, now.saturating_sub(data.at).max(1));
            }
        }
        self.text.drain(..at);
    }
}

/// Where the content of the first chunk is, and where the next one begins; `None` while it is not whole.
fn chunk(bytes: &[u8]) -> io::Result<Option<(std::ops::Range<usize>, usize)>> {
    let Some(length) = bytes.windows(2).position(|two| two == b"\r\n") else {
        return Ok(None);
    };
    let size = std::str::from_utf8(&bytes[..length]).ok();
    let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
    let size = size.ok_or(io::ErrorKind::InvalidData)?;
    let content = length + 2..length + 2 + size;
    let next = content.end + 2;
    if bytes.len() < next {
        return Ok(None);
    }
    // The last one: the server has ended the answer.
    if size == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((content, next)))
}

/// Asks for the feed; returns the connection with what came behind the head.
async fn connect(address: SocketAddr, last: Option<u64>) -> io::Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    let last = last.map(|last| format!("Last-Event-ID: {last}\r\n"));
    let last = last.unwrap_or_default();
    let request =
        format!("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{last}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            if !received.starts_with(b"HTTP/1.1 200 ") {
                let head = String::from_utf8_lossy(&received[..end]).into_owned();
                let status = head.lines().next().unwrap_or_default().to_owned();
                return Err(io::Error::other(status));
            }
            received.drain(..end + 4);
            return Ok((stream, received));
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_counts_once_it_is_whole() {
        let bytes = b"5\r\nhello\r\n0\r\n\r\n";
        assert_eq!(chunk(&bytes[..9]).unwrap(), None);
        assert_eq!(chunk(bytes).unwrap(), Some((3..8, 10)));
        assert!(chunk(&bytes[10..]).is_err(), "the end");
        assert!(chunk(b"hello\r\n").is_err());
    }
}
