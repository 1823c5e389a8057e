//! One event as clients are told of it.

use std::borrow::Cow;

use async_nats::Subject;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An event out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Its place in the stream.
    pub(super) sequence: u64,
    /// `{"subject", "time", "data"}` in one line.
    pub(super) json: String,
}

#[derive(Serialize)]
struct Document<'a> {
    subject: &'a str,
    time: String,
    data: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Json(Cow<'a, RawValue>),
    Text(&'a str),
    None(()),
}

impl Event {
    /// An event whose payload is JSON, text, or any bytes.
    pub(super) fn new(sequence: u64, subject: &Subject, stored: OffsetDateTime, payload: &[u8]) -> Self {
        let (data, base64) = content(payload);
        let document = Document {
            subject,
            time: rfc3339(stored),
            data,
            base64,
        };
        let json = serde_json::to_string(&document).expect("strings and JSON become JSON");
        Self { sequence, json }
    }
}

/// A moment as the feed writes it.
pub(super) fn rfc3339(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_default()
}

/// The payload as a value, and what no value can hold.
fn content(payload: &[u8]) -> (Content<'_>, Option<String>) {
    if payload.is_empty() {
        return (Content::None(()), None);
    }
    match (
        serde_json::from_slice::<&RawValue>(payload),
        std::str::from_utf8(payload),
    ) {
        (Ok(value), _) => (Content::Json(in_one_line(value)), None),
        (Err(_), Ok(text)) => (Content::Text(text), None),
        (Err(_), Err(_)) => (Content::None(()), Some(STANDARD.encode(payload))),
    }
}

/// Line ends would end the field. In JSON they stand between tokens only, where a space means the same.
fn in_one_line(value: &RawValue) -> Cow<'_, RawValue> {
    let text = value.get();
    if !text.contains(['\n', '\r']) {
        return Cow::Borrowed(value);
    }
    let line = text.replace(['\n', '\r'], " ");
    RawValue::from_string(line).map_or(Cow::Borrowed(value), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use test_case::test_case;

    #[test_case(br#"{"a":1.10}"# => r#"{"a":1.10}"#; "as it was written")]
    #[test_case(b"{\n \"a\":\r\n\"x\\ny\" }" => r#"{  "a":  "x\ny" }"#; "in one line")]
    #[test_case(b"" => "null"; "nothing")]
    #[test_case(b"plain\ntext" => r#""plain\ntext""#; "text")]
    #[test_case(b"{\"a\":" => r#""{\"a\":""#; "half of a document")]
    fn payloads(payload: &[u8]) -> String {
        let json = Event::new(7, &"events.a".into(), OffsetDateTime::UNIX_EPOCH, payload).json;
        assert!(!json.contains(['\n', '\r']));
        let head = r#"{"subject":"events.a","time":"1970-01-01T00:00:00Z","data":"#;
        json.strip_prefix(head)
            .unwrap()
            .strip_suffix('}')
            .unwrap()
            .to_owned()
    }

    #[test]
    fn bytes_that_are_no_text_travel_as_base64() {
        let event = Event::new(7, &"events.a".into(), OffsetDateTime::UNIX_EPOCH, &[0xff, 0]);
        let document: Value = serde_json::from_str(&event.json).unwrap();
        assert_eq!(
            (&document["data"], &document["base64"]),
            (&Value::Null, &json!("/wA="))
        );
    }

    #[test]
    fn a_subject_cannot_leave_its_string() {
        let event = Event::new(7, &"events.\"\u{1}".into(), OffsetDateTime::UNIX_EPOCH, b"1");
        let document: Value = serde_json::from_str(&event.json).unwrap();
        assert_eq!(document["subject"], "events.\"\u{1}");
    }
}
