use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use uuid::Uuid;

use super::{DecodeError, EncodeError, Reply, Request, RequestHead, Version};
use super::{decode_reply, decode_request, encode_reply, encode_request, return_address};
use crate::subject::{Codec, Path};

mod captured;
mod forged;
mod golden;
mod round_trip;

type Lines = Vec<(String, String)>;

const INBOX: &str = "_PX.f00.0.r.1-2-3";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn lines(pairs: &[(&str, &str)]) -> Lines {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn head<'a>(
    method: &'a Method,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a HeaderMap,
) -> RequestHead<'a> {
    RequestHead {
        id: Uuid::from_u128(7),
        reply_to: INBOX,
        method,
        path,
        query,
        timeout: Duration::from_millis(4_500),
        deadline_unix_ms: 1_790_000_000_000,
        attempt: 1,
        headers,
    }
}

/// Encodes, puts the message on its subject, and decodes.
fn send(version: Version, head: &RequestHead<'_>, body: &Bytes) -> Result<Request, DecodeError> {
    let codec = Codec::new("api").unwrap();
    let subject = codec
        .encode(head.method, &Path::parse(head.path).unwrap())
        .unwrap();
    let mut sink = Lines::new();
    let payload = encode_request(version, head, body, &mut sink).unwrap();
    decode_request(&codec, &subject, &sink, payload)
}
