//! Version 2: the payload is the body; the rest lies in headers.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{DecodeError, EncodeError, Reply, Request, RequestHead, Version, fields, is_reply_subject};
use crate::headers::{HeaderSink, HeaderSource, forwarded, names};
use crate::subject::Path;

pub(super) fn encode_request(head: &RequestHead<'_>, sink: &mut impl HeaderSink) -> Result<(), EncodeError> {
    let mut number = String::with_capacity(40);
    let mut write = |sink: &mut _, name, value: std::fmt::Arguments<'_>| {
        number.clear();
        number.write_fmt(value).expect("writing to a String cannot fail");
        HeaderSink::append(sink, name, &number);
    };
    sink.append(names::VERSION, "2");
    write(sink, names::ID, format_args!("{}", head.id));
    sink.append(names::REPLY, head.reply_to);
    sink.append(names::METHOD, head.method.as_str());
    sink.append(names::PATH, head.path);
    if let Some(query) = head.query {
        if !query.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(EncodeError::Query);
        }
        sink.append(names::QUERY, query);
    }
    write(
        sink,
        names::TIMEOUT_MS,
        format_args!("{}", head.timeout.as_millis()),
    );
    write(sink, names::DEADLINE, format_args!("{}", head.deadline_unix_ms));
    write(sink, names::ATTEMPT, format_args!("{}", head.attempt));
    fields::append_http(head.headers, sink)
}

pub(super) fn decode_request(
    subject: &str,
    token: &Method,
    path: Path,
    headers: &impl HeaderSource,
    payload: Bytes,
) -> Result<Request, DecodeError> {
    let reply_to = headers
        .first(names::REPLY)
        .ok_or(DecodeError::Missing(names::REPLY))?;
    if !is_reply_subject(reply_to) {
        return Err(DecodeError::ReplySubject(fields::cut(reply_to)));
    }
    let method: Method = fields::required(headers, names::METHOD)?;
    if method != *token && !(method == Method::HEAD && *token == Method::GET) {
        return Err(DecodeError::Method {
            method,
            subject: subject.to_owned(),
        });
    }
    Ok(Request {
        version: Version::V2,
        id: fields::required(headers, names::ID)?,
        reply_to: reply_to.to_owned(),
        method,
        path,
        query: headers.first(names::QUERY).map(str::to_owned),
        timeout: fields::timeout(headers)?,
        deadline_unix_ms: fields::optional(headers, names::DEADLINE)?,
        attempt: fields::optional(headers, names::ATTEMPT)?.unwrap_or(1),
        headers: fields::collect_http(headers)?,
        body: payload,
    })
}

pub(super) fn encode_reply(reply: &Reply, sink: &mut impl HeaderSink) {
    sink.append(names::VERSION, "2");
    sink.append(names::STATUS, reply.status.as_str());
    for (name, value) in forwarded(&reply.headers) {
        // A worker's own header that is not text cannot travel; the rest of the answer still can.
        if let Ok(value) = fields::text(name, value) {
            sink.append(&format!("{}{name}", names::HTTP_PREFIX), value);
        }
    }
}

pub(super) fn decode_reply(
    status: &str,
    headers: &impl HeaderSource,
    payload: Bytes,
) -> Result<Reply, DecodeError> {
    Ok(Reply {
        status: parse_status(status)?,
        headers: fields::collect_http(headers)?,
        body: payload,
    })
}

/// A final status: informational ones have no meaning in an answer, and above 599 none is defined.
pub(super) fn parse_status(text: &str) -> Result<StatusCode, DecodeError> {
    text.parse::<StatusCode>()
        .ok()
        .filter(|status| (200..=599).contains(&status.as_u16()))
        .ok_or_else(|| DecodeError::Status(fields::cut(text)))
}
