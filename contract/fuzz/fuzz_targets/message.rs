//! An input as a NATS message: lines of `Name: value` up to an empty line, then the payload.

use bytes::Bytes;

/// Headers and payload; a line without a colon is a header without a value.
pub fn read(text: &str) -> (Vec<(String, String)>, Bytes) {
    let (head, payload) = text.split_once("\n\n").unwrap_or((text, ""));
    let headers = head
        .split('\n')
        .map(|line| line.split_once(": ").unwrap_or((line, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (headers, Bytes::copy_from_slice(payload.as_bytes()))
}
