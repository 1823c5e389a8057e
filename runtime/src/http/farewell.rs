//! Closing a connection so that the peer can read what was said last.

use std::{io, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use super::answer::Answer;

/// How long, and for how many bytes, we read on after our last answer: closing with bytes unread would reset the connection, and the
/// reset could overtake the answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// Says the last word, if there is one, and closes.
pub(super) async fn farewell(stream: TcpStream, answer: Option<Answer>) {
    // A peer that is gone or does not read loses the last word; that is all that can happen here.
    let _outcome = timeout(LINGER, say(stream, answer)).await;
}

async fn say(mut stream: TcpStream, answer: Option<Answer>) -> io::Result<()> {
    if let Some(answer) = answer {
        stream.write_all(&answer.to_wire()).await?;
    }
    stream.shutdown().await?;
    let mut left = LINGER_BYTES;
    let mut waste = [0; 4096];
    while left > 0 {
        stream.readable().await?;
        match stream.try_read(&mut waste) {
            Ok(0) => break,
            Ok(count) => left = left.saturating_sub(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
