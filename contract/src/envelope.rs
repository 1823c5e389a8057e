//! A request or an answer as a NATS message.
//!
//! Version 2 puts the body into the payload as it is and everything else into headers. Version 1 is the JSON envelope of
//! the original proxy and workers; it stays understood so that old and new programs can be mixed.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use uuid::Uuid;

use crate::headers::{HeaderSink, HeaderSource, names};
use crate::subject::{Codec, Path, SubjectError};

mod fields;
mod reply_subject;
mod return_address;
mod v1;
mod v2;

pub use reply_subject::{MAX_REPLY_SUBJECT_BYTES, is_reply_subject};
pub use return_address::{ReturnAddress, return_address};

#[cfg(test)]
mod tests;

/// Most HTTP header lines that are read from one message. A proxy takes far fewer from a client; without a bound a
/// message could be made that no HTTP library can hold.
pub const MAX_HEADERS: usize = 1024;

/// Which envelope a message uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// JSON around everything, as the original wrote it.
    V1,
    /// Raw body, metadata in headers.
    V2,
}

/// What a proxy knows of a request besides its body.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// Made by the proxy; the same over all deliveries.
    pub id: Uuid,
    /// Where the answer goes.
    pub reply_to: &'a str,
    /// As the client sent it.
    pub method: &'a Method,
    /// Raw, without the query.
    pub path: &'a str,
    /// Raw, without the `?`.
    pub query: Option<&'a str>,
    /// How long somebody will wait.
    pub timeout: Duration,
    /// When that ends, Unix time in milliseconds.
    pub deadline_unix_ms: u64,
    /// From 1.
    pub attempt: u32,
    /// All of the client's headers; what must not travel is left out in encoding.
    pub headers: &'a HeaderMap,
}

/// A request as a worker sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The envelope to answer in.
    pub version: Version,
    /// The same over all deliveries of one request.
    pub id: Uuid,
    /// Checked by [`is_reply_subject`].
    pub reply_to: String,
    /// `HEAD` is possible only in version 2.
    pub method: Method,
    /// From the subject, so it cannot differ from what the consumer's filter let through.
    pub path: Path,
    /// Raw; rebuilt from the parameters in version 1.
    pub query: Option<String>,
    /// How long after its time stamp in the stream the request is worth answering.
    pub timeout: Option<Duration>,
    /// Unix time in milliseconds by the proxy's clock.
    pub deadline_unix_ms: Option<u64>,
    /// From 1.
    pub attempt: u32,
    /// The client's headers that travelled.
    pub headers: HeaderMap,
    /// In version 1 the JSON text of `body`.
    pub body: Bytes,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// 200 to 599.
    pub status: StatusCode,
    /// Response headers; names may repeat.
    pub headers: HeaderMap,
    /// Raw bytes.
    pub body: Bytes,
}

/// Why a request cannot be put into an envelope.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A header value is neither ASCII nor UTF-8.
    #[error("the value of the header '{0}' is not UTF-8")]
    HeaderValue(String),
    /// The query holds a control character, or one outside ASCII.
    #[error("the query has a byte that must be percent-encoded")]
    Query,
    /// Version 1 carries JSON only.
    #[error("the body is not JSON, and version 1 of the envelope carries nothing else")]
    BodyNotJson(#[source] serde_json::Error),
    /// Version 1 has no place for parameters that are not UTF-8.
    #[error("a query parameter is not UTF-8")]
    QueryNotUtf8,
}

/// Why a message is not a request or an answer.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The subject stands for no method and path.
    #[error("the message's subject is not one of a request")]
    Subject(#[source] SubjectError),
    /// `Px-V` has a value other than 2.
    #[error("the envelope has the unknown version '{0}'")]
    Version(String),
    /// A header the envelope needs is not there.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// A header has a value that cannot be read.
    #[error("the header {name} has the unusable value '{value}'")]
    Value {
        /// Which header.
        name: String,
        /// What it holds, cut to 64 characters.
        value: String,
    },
    /// More HTTP headers than [`MAX_HEADERS`].
    #[error("the message has more than {MAX_HEADERS} HTTP headers")]
    TooManyHeaders,
    /// The method in the headers contradicts the subject's.
    #[error("the method {method} contradicts the subject '{subject}'")]
    Method {
        /// From the headers.
        method: Method,
        /// Of the message.
        subject: String,
    },
    /// The reply subject could reach something other than a waiting proxy.
    #[error("'{0}' is no reply subject of a proxy")]
    ReplySubject(String),
    /// A version 1 payload is not the JSON object it should be.
    #[error("the payload is not an envelope of version 1")]
    Json(#[source] serde_json::Error),
    /// A status below 200 or above 599.
    #[error("the status {0} is outside 200 to 599")]
    Status(String),
}

/// Writes a request: headers into `sink`; what is returned is the payload.
///
/// # Errors
/// See [`EncodeError`]; each is the client's doing.
pub fn encode_request(
    version: Version,
    head: &RequestHead<'_>,
    body: &Bytes,
    sink: &mut impl HeaderSink,
) -> Result<Bytes, EncodeError> {
    match version {
        Version::V1 => v1::encode_request(head, body, sink),
        Version::V2 => v2::encode_request(head, sink).map(|()| body.clone()),
    }
}

/// Reads a request of either version.
///
/// # Errors
/// See [`DecodeError`]; a worker cannot serve such a message and should set it aside.
pub fn decode_request(
    codec: &Codec,
    subject: &str,
    headers: &impl HeaderSource,
    payload: Bytes,
) -> Result<Request, DecodeError> {
    let (method, path) = codec.decode(subject).map_err(DecodeError::Subject)?;
    match headers.first(names::VERSION) {
        None => v1::decode_request(method, path, headers, &payload),
        Some("2") => v2::decode_request(subject, &method, path, headers, payload),
        Some(other) => Err(DecodeError::Version(fields::cut(other))),
    }
}

/// Writes an answer: headers into `sink`; what is returned is the payload.
pub fn encode_reply(version: Version, reply: &Reply, sink: &mut impl HeaderSink) -> Bytes {
    match version {
        Version::V1 => v1::encode_reply(reply),
        Version::V2 => {
            v2::encode_reply(reply, sink);
            reply.body.clone()
        }
    }
}

/// Reads an answer of either version, told apart by [`names::STATUS`].
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_reply(headers: &impl HeaderSource, payload: Bytes) -> Result<Reply, DecodeError> {
    match headers.first(names::STATUS) {
        Some(status) => v2::decode_reply(status, headers, payload),
        None => v1::decode_reply(&payload),
    }
}
