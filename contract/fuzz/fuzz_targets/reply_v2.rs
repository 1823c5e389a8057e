//! Answers with headers: whatever can be read is the same after being written and read again.
//! An input is a message.
#![no_main]

mod message;

use contract::envelope::{self, Version};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (headers, payload) = message::read(text);
    let Ok(reply) = envelope::decode_reply(&headers, payload) else {
        return;
    };
    assert!((200..=599).contains(&reply.status.as_u16()));
    let mut lines = Vec::new();
    let payload = envelope::encode_reply(Version::V2, &reply, &mut lines);
    assert!(lines.iter().all(|(_, value)| !value.contains(['\r', '\n'])));
    assert_eq!(
        envelope::decode_reply(&lines, payload).expect("what was written can be read"),
        reply
    );
});
