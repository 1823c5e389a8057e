//! The body of an answer, which ends its request when it ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use super::{BoxError, pulse::InFlight};

/// An answer's body, the service's or the server's own.
#[derive(Debug)]
pub(super) struct Tracked<B> {
    body: Source<B>,
    request: InFlight,
}

#[derive(Debug)]
pub(super) enum Source<B> {
    Service(B),
    Server(Full<Bytes>),
}

impl<B> Tracked<B> {
    pub(super) fn new(body: Source<B>, request: InFlight) -> Self {
        Self { body, request }
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
        let poll = match &mut self.body {
            Source::Service(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Source::Server(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        };
        self.request.body_polled(matches!(poll, Poll::Ready(Some(Ok(_)))));
        poll
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Source::Service(body) => body.is_end_stream(),
            Source::Server(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Source::Service(body) => body.size_hint(),
            Source::Server(body) => body.size_hint(),
        }
    }
}
