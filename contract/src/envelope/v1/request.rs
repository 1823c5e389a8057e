//! Requests. The original wrote their members in alphabetical order; so does this, byte for byte.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{EMPTY, join_headers, query, read_headers};
use crate::envelope::{DecodeError, EncodeError, Request, RequestHead, Version, fields, is_reply_subject};
use crate::headers::{HeaderSink, HeaderSource, forwarded, names};
use crate::subject::Path;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestOut<'a> {
    body: &'a RawValue,
    headers: BTreeMap<&'a str, String>,
    origin_reply_to: &'a str,
    query_parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestIn<'a> {
    origin_reply_to: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    query_parameters: Option<BTreeMap<String, String>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

pub(in crate::envelope) fn encode_request(
    head: &RequestHead<'_>,
    body: &Bytes,
    sink: &mut impl HeaderSink,
) -> Result<Bytes, EncodeError> {
    // An original worker ignores these; one that knows version 2 learns the deadline and the id.
    sink.append(names::ID, &head.id.to_string());
    sink.append(names::TIMEOUT_MS, &head.timeout.as_millis().to_string());
    let readable: Vec<_> = forwarded(head.headers)
        .map(|(name, value)| Ok((name, fields::text(name, value)?)))
        .collect::<Result<_, EncodeError>>()?;
    let headers = join_headers(readable);
    // The original's workers look for the trace among the message's headers, not in the envelope.
    for name in names::TRACE {
        if let Some(value) = headers.get(name) {
            sink.append(name, value);
        }
    }
    let body = if body.is_empty() { EMPTY.as_bytes() } else { body };
    let envelope = RequestOut {
        body: serde_json::from_slice(body).map_err(EncodeError::BodyNotJson)?,
        headers,
        origin_reply_to: head.reply_to,
        query_parameters: query::parse(head.query.unwrap_or_default())?,
    };
    serde_json::to_vec(&envelope)
        .map(Bytes::from)
        .map_err(EncodeError::BodyNotJson)
}

pub(in crate::envelope) fn decode_request(
    method: Method,
    path: Path,
    headers: &impl HeaderSource,
    payload: &Bytes,
) -> Result<Request, DecodeError> {
    let envelope: RequestIn<'_> = serde_json::from_slice(payload).map_err(DecodeError::Json)?;
    let reply_to = envelope.origin_reply_to;
    if !is_reply_subject(&reply_to) {
        return Err(DecodeError::ReplySubject(fields::cut(&reply_to)));
    }
    let id = fields::id(headers)?.unwrap_or_else(|| id_of(&reply_to));
    let body = envelope
        .body
        .map_or_else(Bytes::new, |body| payload.slice_ref(body.get().as_bytes()));
    let mut lines = envelope.headers.unwrap_or_default();
    take_trace(headers, &mut lines);
    Ok(Request {
        version: Version::V1,
        id,
        reply_to,
        method,
        path,
        query: query::format(&envelope.query_parameters.unwrap_or_default()),
        timeout: fields::timeout(headers)?,
        deadline_unix_ms: None,
        attempt: 1,
        headers: read_headers(lines, !body.is_empty())?,
        body,
    })
}

/// The proxy's own span, which is among the message's headers, replaces that of its caller, which is in the envelope. An
/// original proxy writes an empty `tracestate` where there is none.
fn take_trace(headers: &impl HeaderSource, lines: &mut BTreeMap<String, String>) {
    for name in names::TRACE {
        if let Some(value) = headers.first(name).filter(|value| !value.is_empty()) {
            lines.retain(|known, _| !known.eq_ignore_ascii_case(name));
            lines.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Where the answer to a message goes whose envelope is an object with a usable reply subject, whatever else is in it.
pub(in crate::envelope) fn reply_to(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OnlyReplyTo {
        origin_reply_to: String,
    }
    let only: OnlyReplyTo = serde_json::from_slice(payload).ok()?;
    Some(only.origin_reply_to).filter(|subject| is_reply_subject(subject))
}

/// Without an id of the proxy's, the inbox is what all deliveries of one request share and no other request has.
pub(in crate::envelope) fn id_of(reply_to: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, reply_to.as_bytes())
}
