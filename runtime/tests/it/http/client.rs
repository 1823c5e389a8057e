//! A client that sends exactly the bytes it is told to.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Far longer than anything here takes; only a hang reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

/// An answer as text, as far as it was sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0)
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // The server may have refused already: what it said is then still to be read.
        let _refused = self.stream.write_all(bytes.as_ref()).await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
            .await;
        self.answer().await
    }

    /// The next answer that has a head and, when announced, a body.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse().unwrap());
        let mut body = vec![0; length];
        timeout(PATIENCE, self.stream.read_exact(&mut body))
            .await
            .unwrap()
            .unwrap();
        Answer { head, body }
    }

    /// The next answer's head, to its empty line.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = timeout(PATIENCE, self.stream.read_u8())
                .await
                .expect("the server hangs");
            head.push(byte.unwrap_or_else(|error| {
                panic!("closed ({error}) after {:?}", String::from_utf8_lossy(&head))
            }));
        }
        String::from_utf8(head).unwrap()
    }

    /// Everything up to the end of the connection, however it ends.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        let _reset_is_an_end_too = end.expect("the server keeps the connection open");
        rest
    }

    /// The only answer on this connection, which the server must close.
    pub(crate) async fn last_answer(&mut self) -> Answer {
        let rest = self.rest().await;
        let end = rest
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(rest.len(), |at| at + 4);
        Answer {
            head: String::from_utf8_lossy(&rest[..end]).into_owned(),
            body: rest[end..].to_vec(),
        }
    }
}

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(tokio::time::Instant::now() < until, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
