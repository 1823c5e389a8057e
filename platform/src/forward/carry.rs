//! One connection: bytes both ways between a local stream and a websocket into a pod.
//!
//! The protocol is `v4.channel.k8s.io` as kubelet speaks it for port forwards (kubelet, `portforward/websocket.go`): every message begins
//! with the number of its channel, 0 for data and 1 for what went wrong; the first message of each channel tells the port. It has
//! no way to say that the client sends no more, so a client that half-closes is answered for as long as it is there.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::dial::Socket;
use crate::kubernetes::text;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of a client that are kept until a pod answers, so that they can be said to another pod.
const KEPT: usize = 64 * 1024;
/// How long a client that sends no more must be quiet before it is looked after.
const QUIET: Duration = Duration::from_secs(1);
/// The same where nobody can say whether the client is still there, and it waits for an answer.
const QUIET_AT_MOST: Duration = Duration::from_secs(10);
/// How long a client may go on talking to a pod that has closed.
const LINGER: Duration = Duration::from_secs(1);

/// What kubelet and the container runtime say when they cannot reach the port in the pod, before any byte has got there.
const NOT_REACHED: [&str; 5] = [
    "connection refused",
    "failed to connect to",
    "failed to dial",
    "network namespace",
    "not running",
];

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As connections do.
    Done,
    /// Nothing has reached the pod: everything in [`Said`] may be said to another one.
    NotReached(String),
    /// It broke off.
    Broken(String),
}

/// What a client has said while no pod has answered.
#[derive(Debug, Default)]
pub(super) struct Said {
    bytes: Vec<u8>,
    /// More was said than is kept.
    more: bool,
    /// It says no more.
    ended: bool,
}

/// What the two directions know of each other.
#[derive(Default)]
struct Talk {
    answered: AtomicBool,
    pod_spoke_last: AtomicBool,
    messages: AtomicU64,
}

impl Said {
    /// Whether nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.more && !self.ended
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.more || self.bytes.len() + bytes.len() > KEPT {
            self.bytes = Vec::new();
            self.more = true;
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// Carries bytes until both ends are done. `is_gone` tells whether a client that sends no more has gone, where that can be known.
pub(super) async fn carry<R, W>(
    (reader, writer): (&mut R, &mut W),
    socket: Socket,
    said: &mut Said,
    is_gone: impl Fn() -> Option<bool>,
) -> Ending
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let talk = Talk::default();
    let ending = {
        let mut down = std::pin::pin!(downward(writer, &mut stream, &talk));
        tokio::select! {
            ending = &mut down => ending,
            ending = upward(reader, &mut sink, said, &talk) => if let Some(ending) = ending {
                ending
            } else {
                tokio::select! {
                    ending = &mut down => ending,
                    () = client_gone(&talk, is_gone) => Ending::Done,
                }
            },
        }
    };
    let ending = match ending {
        Ending::NotReached(reason) if said.more => Ending::Broken(reason),
        Ending::Broken(reason) if said.is_empty() && !talk.answered.load(Relaxed) => {
            Ending::NotReached(reason)
        }
        ending => ending,
    };
    if ending == Ending::Done && !said.ended {
        linger(reader).await;
    }
    // The server may have closed already.
    drop(tokio::time::timeout(LINGER, sink.close()).await);
    ending
}

/// From the client to the pod. `None` when the client says no more.
async fn upward<R: AsyncRead + Unpin>(
    reader: &mut R,
    sink: &mut SplitSink<Socket, Message>,
    said: &mut Said,
    talk: &Talk,
) -> Option<Ending> {
    if !said.bytes.is_empty() && sink.send(data(&said.bytes)).await.is_err() {
        return told_by_the_other_direction().await;
    }
    if said.ended {
        return None;
    }
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match reader.read(&mut buffer).await {
            Ok(0) => {
                said.ended = true;
                return None;
            }
            Ok(read) => &buffer[..read],
            // The client has broken off.
            Err(_) => return Some(Ending::Done),
        };
        if !talk.answered.load(Relaxed) {
            said.keep(read);
        }
        talk.pod_spoke_last.store(false, Relaxed);
        talk.messages.fetch_add(1, Relaxed);
        if sink.send(data(read)).await.is_err() {
            return told_by_the_other_direction().await;
        }
    }
}

/// A server that has closed takes nothing any more, and has said why before.
async fn told_by_the_other_direction<T>() -> T {
    std::future::pending().await
}

/// From the pod to the client.
async fn downward<W: AsyncWrite + Unpin>(
    writer: &mut W,
    stream: &mut SplitStream<Socket>,
    talk: &Talk,
) -> Ending {
    let mut ports_told = [false; 2];
    loop {
        let message = match stream.next().await {
            Some(Ok(Message::Binary(message))) => message,
            Some(Ok(Message::Close(_))) | None => {
                drop(writer.shutdown().await);
                return Ending::Done;
            }
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Ending::Broken(text::line(&error.to_string())),
        };
        let Some((channel @ (0 | 1), payload)) = message.split_first() else {
            return Ending::Broken("the server sent what is no port forward".to_owned());
        };
        if !std::mem::replace(&mut ports_told[usize::from(*channel)], true) || payload.is_empty() {
            continue;
        }
        if *channel == 1 {
            return complaint(&String::from_utf8_lossy(payload), talk);
        }
        talk.answered.store(true, Relaxed);
        talk.pod_spoke_last.store(true, Relaxed);
        talk.messages.fetch_add(1, Relaxed);
        if write(writer, payload).await.is_err() {
            // The client has gone.
            return Ending::Done;
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

/// What the message on the channel of errors means.
fn complaint(message: &str, talk: &Talk) -> Ending {
    let words = text::line(message);
    let reached = talk.answered.load(Relaxed) || !NOT_REACHED.iter().any(|said| words.contains(said));
    if reached {
        Ending::Broken(words)
    } else {
        Ending::NotReached(words)
    }
}

fn data(bytes: &[u8]) -> Message {
    let mut message = Vec::with_capacity(bytes.len() + 1);
    message.push(0);
    message.extend_from_slice(bytes);
    Message::Binary(Bytes::from(message))
}

/// Waits until a client that sends no more has gone, or has been quiet for longer than one waits that still is there.
async fn client_gone(talk: &Talk, is_gone: impl Fn() -> Option<bool>) {
    let mut quiet = Duration::ZERO;
    loop {
        let messages = talk.messages.load(Relaxed);
        tokio::time::sleep(QUIET).await;
        if talk.messages.load(Relaxed) != messages {
            quiet = Duration::ZERO;
            continue;
        }
        quiet += QUIET;
        // Who leaves after an answer has most likely got what it came for.
        let waits = !talk.pod_spoke_last.load(Relaxed);
        if is_gone().unwrap_or(!waits || quiet >= QUIET_AT_MOST) {
            return;
        }
    }
}

/// Takes what a client still sends to a pod that has closed, for a moment: otherwise the system answers it with a reset, and what the pod
/// said last may be lost.
async fn linger<R: AsyncRead + Unpin>(reader: &mut R) {
    let mut buffer = vec![0; CHUNK];
    let rest = async { while matches!(reader.read(&mut buffer).await, Ok(1..)) {} };
    // Whatever comes later does not matter any more.
    drop(tokio::time::timeout(LINGER, rest).await);
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("error forwarding port 80 to pod 1a: failed to execute portforward in network namespace \"/run/x\": failed to connect to localhost:80 inside namespace, IPv4: dial tcp4 127.0.0.1:80: connect: connection refused", false => true; "nobody listens in the pod")]
    #[test_case("error forwarding port 80 to pod 1a: sandbox container \"1a\" is not running", false => true; "the pod has ended")]
    #[test_case("error forwarding port 80 to pod 1a: read tcp 127.0.0.1:80: connection reset by peer", false => false; "the program in the pod has taken it")]
    #[test_case("failed to dial", true => false; "the pod has answered")]
    fn what_may_be_said_again(message: &str, answered: bool) -> bool {
        let talk = Talk::default();
        talk.answered.store(answered, Relaxed);
        matches!(complaint(message, &talk), Ending::NotReached(_))
    }

    #[test]
    fn what_a_client_said_is_kept_up_to_a_limit() {
        let mut said = Said::default();
        assert!(said.is_empty());
        said.keep(&vec![1; KEPT]);
        assert!(!said.more);
        said.keep(&[2]);
        assert!(said.more && said.bytes.is_empty());
    }
}
