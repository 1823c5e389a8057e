//! Reading what a stream says to a publish (ADR-22: a JSON object in the reply).

use std::borrow::Cow;

use serde::Deserialize;

use crate::pending::Refusal;

/// What the stream said.
#[derive(Debug, PartialEq, Eq)]
pub enum Acknowledgement<'a> {
    /// The message is stored; also said of one that was stored by an earlier try.
    Stored {
        /// Name of the stream.
        stream: Cow<'a, str>,
        /// Sequence in it.
        sequence: u64,
    },
    /// The message is not stored.
    Refused(Refusal),
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    stream: Cow<'a, str>,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl<'a> Acknowledgement<'a> {
    /// Reads a payload; one that makes no sense is a refusal with the code 0.
    pub fn read(payload: &'a [u8]) -> Self {
        match serde_json::from_slice::<Wire<'a>>(payload) {
            Ok(Wire {
                error: Some(error), ..
            }) => Self::Refused(Refusal {
                status: error.code,
                code: error.err_code,
                description: error.description,
            }),
            Ok(Wire { stream, seq, .. }) if seq > 0 && !stream.is_empty() => Self::Stored {
                stream,
                sequence: seq,
            },
            _ => Self::Refused(Refusal {
                status: 500,
                code: 0,
                description: "the acknowledgement of the stream cannot be read".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"stream":"REQUESTS","seq":12}"#)]
    #[test_case(r#"{"stream":"REQUESTS","seq":12,"duplicate":true,"domain":"hub"}"#; "a duplicate is the success of an earlier try")]
    fn a_stored_message_has_its_sequence(payload: &str) {
        let expected = Acknowledgement::Stored {
            stream: "REQUESTS".into(),
            sequence: 12,
        };
        assert_eq!(Acknowledgement::read(payload.as_bytes()), expected);
    }

    #[test]
    fn an_error_is_kept_with_both_codes() {
        let payload =
            br#"{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"R","seq":0}"#;
        let Acknowledgement::Refused(refusal) = Acknowledgement::read(payload) else {
            panic!("an error must not be read as a success");
        };
        assert_eq!((refusal.status, refusal.code), (503, 10_077));
        assert_eq!(refusal.description, "maximum messages exceeded");
    }

    #[test_case(""; "nothing")]
    #[test_case("+OK"; "no json")]
    #[test_case("{}"; "no member")]
    #[test_case(r#"{"stream":"R","seq":-1}"#; "a negative sequence")]
    #[test_case(r#"{"stream":"R","seq":0}"#; "no sequence")]
    #[test_case("[1]"; "no object")]
    fn nonsense_is_a_refusal_without_a_code(payload: &str) {
        let Acknowledgement::Refused(refusal) = Acknowledgement::read(payload.as_bytes()) else {
            panic!("nonsense must not be read as a success");
        };
        assert_eq!(refusal.code, 0);
    }
}
