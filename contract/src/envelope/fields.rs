//! HTTP headers as NATS header lines, and single fields read with care.

use std::str::FromStr;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::{DecodeError, EncodeError, MAX_HEADERS};
use crate::headers::{HeaderSink, HeaderSource, forwarded, names};

/// The longest waiting time anybody may ask for: a day.
const MAX_TIMEOUT_MS: u64 = 86_400_000;

/// Writes each HTTP header that travels; trace context under its own name, the rest below [`names::HTTP_PREFIX`].
pub(super) fn append_http(headers: &HeaderMap, sink: &mut impl HeaderSink) -> Result<(), EncodeError> {
    let mut line = String::with_capacity(48);
    for (name, value) in forwarded(headers) {
        let value = text(name, value)?;
        if names::TRACE.contains(&name.as_str()) {
            sink.append(name.as_str(), value);
        } else {
            line.clear();
            line.push_str(names::HTTP_PREFIX);
            line.push_str(name.as_str());
            sink.append(&line, value);
        }
    }
    Ok(())
}

/// Reads back what [`append_http`] wrote.
pub(super) fn collect_http(headers: &impl HeaderSource) -> Result<HeaderMap, DecodeError> {
    let mut out = HeaderMap::new();
    let mut failed = None;
    headers.each(&mut |name, value| {
        let name = match name.strip_prefix(names::HTTP_PREFIX) {
            Some(name) => name,
            None if names::TRACE.contains(&name) => name,
            None => return,
        };
        match header(name, value) {
            Ok(_) if out.len() == MAX_HEADERS => failed = Some(DecodeError::TooManyHeaders),
            Ok((name, value)) => drop(out.append(name, value)),
            Err(error) => failed = failed.take().or(Some(error)),
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(without_connection_headers(out)),
    }
}

/// Parses one HTTP header.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), DecodeError> {
    let unusable = || DecodeError::Value {
        name: cut(name),
        value: cut(value),
    };
    let name = HeaderName::from_str(name).map_err(|_| unusable())?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unusable())?;
    Ok((name, value))
}

/// Drops what would break the framing of whichever connection the headers are written to next.
pub(super) fn without_connection_headers(headers: HeaderMap) -> HeaderMap {
    if forwarded(&headers).count() == headers.len() {
        return headers;
    }
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in forwarded(&headers) {
        kept.append(name.clone(), value.clone());
    }
    kept
}

/// A header's value as text.
pub(super) fn text<'a>(name: &HeaderName, value: &'a HeaderValue) -> Result<&'a str, EncodeError> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| EncodeError::HeaderValue(name.to_string()))
}

/// A header that may be absent, parsed.
pub(super) fn optional<T: FromStr>(
    headers: &impl HeaderSource,
    name: &str,
) -> Result<Option<T>, DecodeError> {
    headers
        .first(name)
        .map(|value| {
            value.parse().map_err(|_| DecodeError::Value {
                name: name.to_owned(),
                value: cut(value),
            })
        })
        .transpose()
}

/// A header that must be there, parsed.
pub(super) fn required<T: FromStr>(
    headers: &impl HeaderSource,
    name: &'static str,
) -> Result<T, DecodeError> {
    optional(headers, name)?.ok_or(DecodeError::Missing(name))
}

/// [`names::TIMEOUT_MS`], if there.
pub(super) fn timeout(headers: &impl HeaderSource) -> Result<Option<Duration>, DecodeError> {
    match optional::<u64>(headers, names::TIMEOUT_MS)? {
        Some(millis) if millis > MAX_TIMEOUT_MS => Err(DecodeError::Value {
            name: names::TIMEOUT_MS.to_owned(),
            value: millis.to_string(),
        }),
        other => Ok(other.map(Duration::from_millis)),
    }
}

/// [`names::ID`], if there.
pub(super) fn id(headers: &impl HeaderSource) -> Result<Option<Uuid>, DecodeError> {
    optional(headers, names::ID)
}

/// At most 64 characters of `text`, for an error message.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}
