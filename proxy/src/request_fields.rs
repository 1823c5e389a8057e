//! HTTP fields that the proxy itself reads, sets or checks on their way to the worker.
//!
//! Fields of one connection, and those that could pass for the contract's or the server's, are left out by the envelope.

use std::net::IpAddr;

use http::header::VIA;
use http::{HeaderMap, HeaderName, HeaderValue, Version};
use runtime::telemetry::trace::{TRACEPARENT, TRACESTATE, TraceContext};
use uuid::Uuid;

/// `X-Request-Id`: names a request across programs.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Longest `X-Request-Id` that is taken over from a client, in bytes.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// The id to answer and log with: the client's if it is harmless, else ours.
pub fn request_id(headers: &HeaderMap, ours: Uuid) -> HeaderValue {
    match headers.get(REQUEST_ID) {
        Some(theirs) if is_harmless(theirs.as_bytes()) => theirs.clone(),
        _ => {
            let mut text = Uuid::encode_buffer();
            HeaderValue::from_str(ours.hyphenated().encode_lower(&mut text))
                .expect("hexadecimal digits and hyphens are a header value")
        }
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.iter().all(plain)
}

/// Completes a request's fields: who asked, over what, and under which id; drops a trace context that is malformed.
pub fn complete(headers: &mut HeaderMap, peer: IpAddr, version: Version, request_id: &HeaderValue) {
    headers.insert(REQUEST_ID, request_id.clone());
    headers.append(VIA, via(version));
    append_address(headers, peer);
    if !headers.contains_key(FORWARDED_PROTO) {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    if headers
        .get(TRACEPARENT)
        .is_some_and(|value| trace_context(value).is_none())
    {
        headers.remove(TRACEPARENT);
        headers.remove(TRACESTATE);
    }
}

/// The `Via` field for a message received over `version` (RFC 9110 section 7.6.3).
pub fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 http-to-nats-proxy",
        Version::HTTP_2 => "2.0 http-to-nats-proxy",
        _ => "1.1 http-to-nats-proxy",
    })
}

fn append_address(headers: &mut HeaderMap, peer: IpAddr) {
    let address = peer.to_canonical().to_string();
    let mut line = Vec::new();
    for value in headers.get_all(FORWARDED_FOR) {
        line.extend_from_slice(value.as_bytes());
        line.extend_from_slice(b", ");
    }
    line.extend_from_slice(address.as_bytes());
    let line = HeaderValue::from_maybe_shared(bytes::Bytes::from(line));
    headers.insert(
        FORWARDED_FOR,
        line.expect("header values joined by commas are a header value"),
    );
}

/// The trace id of a request whose `traceparent` (W3C Trace Context) is sound, for its log line.
pub fn trace_id(headers: &HeaderMap) -> Option<String> {
    trace_context(headers.get(TRACEPARENT)?).map(|context| context.trace_id())
}

fn trace_context(value: &HeaderValue) -> Option<TraceContext> {
    value.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
