//! The TCP stream as hyper sees it: every byte read passes the screen, every blocked write is marked.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::oneshot,
};

use super::{
    framing::{Framing, Limits},
    pulse::Pulse,
};

/// A watched stream. When hyper drops it, the bare stream goes back to the connection's task, which may have an answer of its
/// own to write and closes it so that the peer can read what was sent.
#[derive(Debug)]
pub(super) struct Socket {
    /// `None` only while being dropped.
    stream: Option<TcpStream>,
    framing: Framing,
    pulse: Arc<Pulse>,
    /// socket -> connection task: the bare stream, at the end
    stream_tx: Option<oneshot::Sender<TcpStream>>,
}

impl Socket {
    pub(super) fn new(
        stream: TcpStream,
        limits: Limits,
        pulse: Arc<Pulse>,
    ) -> (Self, oneshot::Receiver<TcpStream>) {
        let (stream_tx, stream_rx) = oneshot::channel();
        let framing = Framing::new(limits);
        (
            Self {
                stream: Some(stream),
                framing,
                pulse,
                stream_tx: Some(stream_tx),
            },
            stream_rx,
        )
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn mark<T>(&self, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &poll {
            Poll::Pending => self.pulse.write_blocked(),
            Poll::Ready(_) => self.pulse.written(),
        }
        poll
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(self.stream()?.poll_read(cx, buf))?;
        let this = &mut *self;
        if this.framing.is_http2() || this.pulse.is_tunnel() {
            return Poll::Ready(Ok(()));
        }
        if let Err(refusal) = this.framing.feed(&buf.filled()[before..]) {
            this.pulse.refuse(refusal);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "request refused")));
        }
        if this.framing.is_http2() {
            this.pulse.set_http2();
        }
        this.pulse.read(this.framing.is_mid_head());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = self.stream()?.poll_write(cx, buf);
        self.mark(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = self.stream()?.poll_write_vectored(cx, bufs);
        self.mark(poll)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP has no buffer of ours to flush: nothing to mark.
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let (Some(stream), Some(stream_tx)) = (self.stream.take(), self.stream_tx.take()) {
            // The task may be gone already (hard stop): then the stream closes here.
            drop(stream_tx.send(stream));
        }
    }
}
