//! The JSON envelope: whatever can be read, as a request or as an answer, is the same after being written and read again.
//! An input is a payload.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use contract::envelope::{self, Request, RequestHead, Version};
use contract::subject::Codec;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

const SUBJECT: &str = "api.post.ratings";

fuzz_target!(|payload: &[u8]| {
    let payload = Bytes::copy_from_slice(payload);
    let codec = Codec::new("api").expect("the prefix is valid");
    if let Ok(request) = read(&codec, &Vec::new(), payload.clone()) {
        a_request_comes_back(&codec, request);
    }
    an_answer_comes_back(payload);
});

fn read(
    codec: &Codec,
    lines: &Vec<(String, String)>,
    payload: Bytes,
) -> Result<Request, envelope::DecodeError> {
    envelope::decode_request(codec, SUBJECT, lines, payload)
}

fn a_request_comes_back(codec: &Codec, mut request: Request) {
    let path = request.path.to_string();
    let head = RequestHead {
        id: request.id,
        reply_to: &request.reply_to,
        method: &request.method,
        path: &path,
        query: request.query.as_deref(),
        timeout: Duration::from_secs(30),
        deadline_unix_ms: 0,
        attempt: 1,
        headers: &request.headers,
    };
    let mut lines = Vec::new();
    let payload = envelope::encode_request(Version::V1, &head, &request.body, &mut lines)
        .expect("what was read from this envelope fits into it");
    let again = read(codec, &lines, payload).expect("what was written can be read");
    request.timeout = Some(Duration::from_secs(30));
    if request.body.is_empty() {
        // Version 1 has no way to say that there is no body, and a body has a type.
        request.body = again.body.clone();
        request.headers = again.headers.clone();
        assert_eq!(request.body, "{}");
    }
    if has_repeated_names(&request.headers) {
        request.headers = again.headers.clone();
    }
    assert_eq!(again, request);
}

fn an_answer_comes_back(payload: Bytes) {
    let Ok(mut reply) = envelope::decode_reply(&Vec::new(), payload) else {
        return;
    };
    let mut lines = Vec::new();
    let payload = envelope::encode_reply(Version::V1, &reply, &mut lines);
    assert!(lines.is_empty());
    let again = envelope::decode_reply(&lines, payload).expect("what was written can be read");
    if has_repeated_names(&reply.headers) {
        reply.headers = again.headers.clone();
    }
    assert_eq!(again, reply);
}

/// Members that differ in case only are one HTTP header with two values; version 1 writes them as one line.
fn has_repeated_names(headers: &HeaderMap) -> bool {
    headers.keys_len() < headers.len()
}
