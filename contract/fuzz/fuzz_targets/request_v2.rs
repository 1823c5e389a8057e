//! Requests with headers: whatever can be read is the same after being written and read again.
//! An input is a subject on a line, then a message.
#![no_main]

mod message;

use std::time::Duration;

use contract::envelope::{self, EncodeError, Request, RequestHead, Version};
use contract::subject::Codec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let codec = Codec::new("api").expect("the prefix is valid");
    let (subject, text) = text.split_once('\n').unwrap_or((text, ""));
    let (headers, payload) = message::read(text);
    if let Ok(request) = envelope::decode_request(&codec, subject, &headers, payload)
        && request.version == Version::V2
    {
        assert!(envelope::is_reply_subject(&request.reply_to));
        a_request_comes_back(&codec, subject, request);
    }
});

fn a_request_comes_back(codec: &Codec, subject: &str, mut request: Request) {
    let path = request.path.to_string();
    let timeout = *request.timeout.get_or_insert(Duration::from_secs(30));
    let deadline_unix_ms = *request.deadline_unix_ms.get_or_insert(0);
    let head = RequestHead {
        id: request.id,
        reply_to: &request.reply_to,
        method: &request.method,
        path: &path,
        query: request.query.as_deref(),
        timeout,
        deadline_unix_ms,
        attempt: request.attempt,
        headers: &request.headers,
    };
    let mut lines = Vec::new();
    let payload = match envelope::encode_request(Version::V2, &head, &request.body, &mut lines) {
        Ok(payload) => payload,
        // Readers take any query that a worker in another language may have let through; writers do not.
        Err(EncodeError::Query) => return,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(
        codec.encode(&request.method, &request.path).as_deref(),
        Ok(subject)
    );
    let again =
        envelope::decode_request(codec, subject, &lines, payload).expect("what was written can be read");
    assert_eq!(again, request);
}
