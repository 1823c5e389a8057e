//! The body of an answer, which ends its request when it ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use super::{BoxError, pulse::InFlight};

/// HTTP/2 buffers a frame whole whatever the peer's window: only a body handed over in pieces shows that the peer does not read.
const PIECE: usize = 64 * 1024;

/// An answer's body, the service's or the server's own.
#[derive(Debug)]
pub(super) struct Tracked<B> {
    body: Source<B>,
    /// What is left of a large frame.
    rest: Bytes,
    request: InFlight,
}

#[derive(Debug)]
pub(super) enum Source<B> {
    Service(B),
    Server(Full<Bytes>),
}

impl<B> Tracked<B> {
    pub(super) fn new(body: Source<B>, request: InFlight) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            request,
        }
    }
}

impl<B> Body for Tracked<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let poll = if this.rest.is_empty() {
            this.next_frame(cx)
        } else {
            Poll::Ready(Some(Ok(this.piece())))
        };
        this.request.body_polled(matches!(poll, Poll::Ready(Some(Ok(_)))));
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
            && match &self.body {
                Source::Service(body) => body.is_end_stream(),
                Source::Server(body) => body.is_end_stream(),
            }
    }

    fn size_hint(&self) -> SizeHint {
        let hint = match &self.body {
            Source::Service(body) => body.size_hint(),
            Source::Server(body) => body.size_hint(),
        };
        match (self.rest.len() as u64, hint.exact()) {
            (0, _) => hint,
            (rest, Some(exact)) => SizeHint::with_exact(rest + exact),
            (rest, None) => {
                let mut more = SizeHint::new();
                more.set_lower(rest + hint.lower());
                more
            }
        }
    }
}

impl<B> Tracked<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    /// The source's next frame, or the first piece of it.
    fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let poll = match &mut self.body {
            Source::Service(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Source::Server(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        };
        match poll {
            Poll::Ready(Some(Ok(frame))) if self.request.is_http2() => match frame.into_data() {
                Ok(data) => {
                    self.rest = data;
                    Poll::Ready(Some(Ok(self.piece())))
                }
                Err(trailers) => Poll::Ready(Some(Ok(trailers))),
            },
            other => other,
        }
    }

    fn piece(&mut self) -> Frame<Bytes> {
        Frame::data(self.rest.split_to(self.rest.len().min(PIECE)))
    }
}
