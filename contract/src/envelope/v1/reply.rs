//! Answers. The original's workers wrote their members in this order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{EMPTY, join_headers, read_headers};
use crate::envelope::{DecodeError, Reply, fields, v2};
use crate::headers::forwarded;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyEnvelope<'a> {
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(borrow, default)]
    body: Option<Cow<'a, RawValue>>,
    status_code: u16,
}

pub(in crate::envelope) fn encode_reply(reply: &Reply) -> Bytes {
    // A body that is not JSON can only travel as a JSON string.
    let body = match serde_json::from_slice::<&RawValue>(&reply.body) {
        Ok(raw) => Cow::Borrowed(raw),
        Err(_) if reply.body.is_empty() => Cow::Owned(no_body(reply.status)),
        Err(_) => Cow::Owned(
            serde_json::value::to_raw_value(&String::from_utf8_lossy(&reply.body))
                .expect("a string is always JSON"),
        ),
    };
    // A worker's own header that is not text cannot travel; the rest of the answer still can.
    let readable =
        forwarded(&reply.headers).filter_map(|(name, value)| Some((name, fields::text(name, value).ok()?)));
    let envelope = ReplyEnvelope {
        headers: Some(
            join_headers(readable)
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

/// What stands for no body: the original's workers write an empty object. Where a status could have a body, that would be
/// one.
fn no_body(status: StatusCode) -> Box<RawValue> {
    let text = if is_bodiless(status) { EMPTY } else { "null" };
    RawValue::from_string(text.to_owned()).expect("both are JSON")
}

fn is_bodiless(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

pub(in crate::envelope) fn decode_reply(payload: &Bytes) -> Result<Reply, DecodeError> {
    let envelope: ReplyEnvelope<'_> = serde_json::from_slice(payload).map_err(DecodeError::Json)?;
    let status = v2::parse_status(&envelope.status_code.to_string())?;
    let body = match envelope.body.as_deref().map_or("null", RawValue::get) {
        "null" => Bytes::new(),
        EMPTY if is_bodiless(status) => Bytes::new(),
        text => Bytes::copy_from_slice(text.as_bytes()),
    };
    let headers = read_headers(envelope.headers.unwrap_or_default(), !body.is_empty())?;
    Ok(Reply {
        status,
        headers,
        body,
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn a_header_that_is_not_text_costs_only_itself() {
        let mut headers = HeaderMap::new();
        headers.insert("x-kept", HeaderValue::from_static("1"));
        headers.insert("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        let reply = Reply {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(b"{}"),
        };
        let arrived = decode_reply(&encode_reply(&reply)).unwrap();
        assert_eq!(arrived.headers["x-kept"], "1");
        assert!(!arrived.headers.contains_key("x-latin"));
    }
}
