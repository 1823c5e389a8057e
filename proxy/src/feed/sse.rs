//! The feed as server-sent events (WHATWG HTML, section 9.2).

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response};
use hyper::body::{Body, Frame};

use super::client::{Client, Told};

/// Keeps nginx and its like from holding events back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A body that goes on until the client leaves or the feed ends.
pub struct Events(Option<Pin<Box<dyn Stream<Item = Bytes> + Send>>>);

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").finish_non_exhaustive()
    }
}

impl Events {
    /// No event at all.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// What one client is told.
    pub(super) fn of(client: Client) -> Self {
        let told = stream::unfold(client, |mut client| async move {
            let told = client.next().await?;
            let text = text(&client, told);
            Some((text, client))
        });
        Self(Some(Box::pin(told)))
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Some(stream) => stream
                .poll_next_unpin(cx)
                .map(|text| text.map(|text| Ok(Frame::data(text)))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

/// The answer that a feed begins with.
pub(super) fn response(events: Events) -> Response<Events> {
    let mut response = Response::new(events);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

fn text(client: &Client, told: Told) -> Bytes {
    match told {
        Told::Events(batch, from) => return batch.text(from),
        Told::Opening(retry) => format!("retry: {retry}\n\n"),
        Told::Snapshot(sequence) => {
            format!(
                "id: {sequence}\nevent: snapshot\ndata: {}\n\n",
                client.snapshot(sequence)
            )
        }
        Told::Heartbeat => ": heartbeat\n\n".to_owned(),
        Told::Slow => "event: closed\ndata: {\"reason\":\"slow\"}\n\n".to_owned(),
        Told::Drain(retry) => format!("retry: {retry}\nevent: drain\ndata: {{\"retry\":{retry}}}\n\n"),
    }
    .into()
}
