//! Reads a request body whole, within a size and a time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use super::BoxError;

/// What a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of body.
    pub max_bytes: usize,
    /// The longest wait for the next piece.
    pub idle_timeout: Duration,
    /// The longest time for the whole body.
    pub read_timeout: Duration,
}

/// A body could not be read; [`Error::status`] is the answer to give.
#[derive(Debug, Error)]
pub enum Error {
    /// Over the limit, by its own announcement (then nothing was read and no `100 Continue` was sent) or in fact.
    #[error("the request body is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// No piece came for the idle time-out.
    #[error("no part of the request body arrived for {} ms", waited.as_millis())]
    Idle {
        /// The time-out.
        waited: Duration,
    },
    /// The whole body took too long.
    #[error("the request body did not arrive within {} ms", allowed.as_millis())]
    TooSlow {
        /// The time-out.
        allowed: Duration,
    },
    /// The connection broke, or the body was malformed.
    #[error("the request body is broken")]
    Broken {
        /// What the transport said.
        #[source]
        source: BoxError,
    },
}

impl Error {
    /// 413, 408 or 400.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Idle { .. } | Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Broken { .. } => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads the body to its end. A body that comes in one piece is not copied. Trailers are dropped.
///
/// # Errors
/// See [`enum@Error`]. A body that announces more than the limit is refused before it is polled.
pub async fn collect<B>(body: B, limits: &Limits) -> Result<Bytes, Error>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let too_large = || Error::TooLarge {
        max_bytes: limits.max_bytes,
    };
    let announced = body.size_hint().lower();
    if announced > limits.max_bytes as u64 {
        return Err(too_large());
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut pieces = Pieces {
        body,
        limits,
        started: Instant::now(),
    };
    let Some(first) = pieces.next().await? else {
        return Ok(Bytes::new());
    };
    if first.len() > limits.max_bytes {
        return Err(too_large());
    }
    let Some(second) = pieces.next().await? else {
        return Ok(first);
    };
    let announced = usize::try_from(announced).unwrap_or(0);
    let mut whole = BytesMut::with_capacity(announced.max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if whole.len() + piece.len() > limits.max_bytes {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
        next = pieces.next().await?;
    }
    Ok(whole.freeze())
}

/// The data frames of a body, each awaited no longer than the limits allow.
struct Pieces<'a, B> {
    body: B,
    limits: &'a Limits,
    started: Instant,
}

impl<B> Pieces<'_, B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.body.is_end_stream() {
                return Ok(None);
            }
            let end = self.started + self.limits.read_timeout;
            let idle = Instant::now() + self.limits.idle_timeout;
            let frame = match timeout_at(idle.min(end), self.body.frame()).await {
                Ok(frame) => frame,
                Err(_) if end <= idle => {
                    return Err(Error::TooSlow {
                        allowed: self.limits.read_timeout,
                    });
                }
                Err(_) => {
                    return Err(Error::Idle {
                        waited: self.limits.idle_timeout,
                    });
                }
            };
            match frame.map(|frame| frame.map(Frame::into_data)) {
                None => return Ok(None),
                Some(Ok(Ok(data))) if data.is_empty() => {}
                Some(Ok(Ok(data))) => return Ok(Some(data)),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(source)) => {
                    return Err(Error::Broken {
                        source: source.into(),
                    });
                }
            }
        }
    }
}
