//! Version 1: one JSON object, member for member what the original proxy and workers exchange.
//!
//! The original wrote requests with their members in alphabetical order; so does this, byte for byte.

mod query;

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    DecodeError, EncodeError, MAX_HEADERS, Reply, Request, RequestHead, Version, fields, is_reply_subject, v2,
};
use crate::headers::{HeaderSink, HeaderSource, is_forwarded, names};
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

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyEnvelope<'a> {
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(borrow, default)]
    body: Option<Cow<'a, RawValue>>,
    status_code: u16,
}

/// The body that stands for none; the original has no other way to say it.
const EMPTY: &str = "{}";

pub(super) fn encode_request(
    head: &RequestHead<'_>,
    body: &Bytes,
    sink: &mut impl HeaderSink,
) -> Result<Bytes, EncodeError> {
    // An original worker ignores these; one that knows version 2 learns the deadline and the id.
    sink.append(names::ID, &head.id.to_string());
    sink.append(names::TIMEOUT_MS, &head.timeout.as_millis().to_string());
    let body = if body.is_empty() { EMPTY.as_bytes() } else { body };
    let envelope = RequestOut {
        body: serde_json::from_slice(body).map_err(EncodeError::BodyNotJson)?,
        headers: join_headers(head.headers)?,
        origin_reply_to: head.reply_to,
        query_parameters: query::parse(head.query.unwrap_or_default())?,
    };
    serde_json::to_vec(&envelope)
        .map(Bytes::from)
        .map_err(EncodeError::BodyNotJson)
}

/// One line a name, as the original's map had; repeated ones are joined (RFC 9110 section 5.3, cookies by RFC 6265).
fn join_headers(headers: &HeaderMap) -> Result<BTreeMap<&str, String>, EncodeError> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in headers {
        if !is_forwarded(name, headers) {
            continue;
        }
        let value = fields::text(name, value)?;
        let line = joined.entry(name.as_str()).or_default();
        if !line.is_empty() {
            line.push_str(if name == COOKIE { "; " } else { ", " });
        }
        line.push_str(value);
    }
    Ok(joined)
}

pub(super) fn decode_request(
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
    // Without an id of the proxy's, the inbox is what all deliveries of one request share and no other request has.
    let id = fields::id(headers)?.unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, reply_to.as_bytes()));
    let body = envelope
        .body
        .map_or_else(Bytes::new, |body| payload.slice_ref(body.get().as_bytes()));
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
        headers: read_headers(envelope.headers.unwrap_or_default(), !body.is_empty())?,
        body,
    })
}

pub(super) fn encode_reply(reply: &Reply) -> Bytes {
    let headers = fields::without_connection_headers(reply.headers.clone());
    // A body that is not JSON can only travel as a JSON string.
    let body = match serde_json::from_slice::<&RawValue>(&reply.body) {
        Ok(raw) => Cow::Borrowed(raw),
        Err(_) if reply.body.is_empty() => Cow::Owned(RawValue::NULL.to_owned()),
        Err(_) => Cow::Owned(
            serde_json::value::to_raw_value(&String::from_utf8_lossy(&reply.body))
                .expect("a string is always JSON"),
        ),
    };
    let envelope = ReplyEnvelope {
        headers: Some(
            join_headers(&headers)
                .unwrap_or_default()
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect(),
        ),
        body: Some(body),
        status_code: reply.status.as_u16(),
    };
    serde_json::to_vec(&envelope)
        .expect("maps of strings are always JSON")
        .into()
}

pub(super) fn decode_reply(payload: &Bytes) -> Result<Reply, DecodeError> {
    let envelope: ReplyEnvelope<'_> = serde_json::from_slice(payload).map_err(DecodeError::Json)?;
    let status = v2::parse_status(&envelope.status_code.to_string())?;
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let body = match envelope.body.as_deref().map_or("null", RawValue::get) {
        "null" => Bytes::new(),
        EMPTY if bodiless => Bytes::new(),
        text => Bytes::copy_from_slice(text.as_bytes()),
    };
    let headers = read_headers(envelope.headers.unwrap_or_default(), !body.is_empty())?;
    Ok(Reply {
        status,
        headers,
        body,
    })
}

fn read_headers(map: BTreeMap<String, String>, has_body: bool) -> Result<HeaderMap, DecodeError> {
    if map.len() > MAX_HEADERS {
        return Err(DecodeError::TooManyHeaders);
    }
    let mut headers = HeaderMap::with_capacity(map.len() + 1);
    for (name, value) in map {
        let (name, value) = fields::header(&name, &value)?;
        headers.append(name, value);
    }
    if has_body && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(fields::without_connection_headers(headers))
}
