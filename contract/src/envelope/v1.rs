//! Version 1: one JSON object, member for member what the original proxy and workers exchange.

mod query;
mod reply;
mod request;

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue};

use super::{DecodeError, MAX_HEADERS, fields};

pub(super) use reply::{decode_reply, encode_reply};
pub(super) use request::{decode_request, encode_request, id_of, reply_to};

/// The body that stands for none; the original has no other way to say it.
const EMPTY: &str = "{}";

/// One line a name, as the original's map had; repeated ones are joined (RFC 9110 section 5.3, cookies by RFC 6265).
fn join_headers<'h>(
    headers: impl IntoIterator<Item = (&'h HeaderName, &'h str)>,
) -> BTreeMap<&'h str, String> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in headers {
        let line = joined.entry(name.as_str()).or_default();
        if !line.is_empty() {
            line.push_str(if name == COOKIE { "; " } else { ", " });
        }
        line.push_str(value);
    }
    joined
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
