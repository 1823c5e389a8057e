//! What a failure says to people: a title that is always the same, and a detail for this time.

use std::error::Error;

use contract::envelope::EncodeError;
use contract::subject::PathError;

use super::{Blame, Failure};

impl Failure {
    /// Short, the same for every occurrence.
    pub fn title(&self) -> &'static str {
        match self {
            Self::UnknownPath | Self::Path(PathError::EmptySegment { .. }) => "Unknown path",
            Self::Method(_) | Self::Path(PathError::Method(_)) => "Method not allowed",
            Self::UnknownMethod => "Unknown method",
            Self::Path(PathError::TooLong | PathError::TooManySegments) => "Path too long",
            Self::Path(_) => "Malformed path",
            Self::TrailingSlash(_) => "Moved",
            Self::Encoding(EncodeError::BodyNotJson(_)) => "Body is not JSON",
            Self::Encoding(EncodeError::HeaderValue(_)) => "Malformed header",
            Self::Encoding(_) => "Malformed query",
            Self::BodyTooLarge(_) => "Body too large",
            Self::BodyTooSlow => "Body too slow",
            Self::BodyBroken => "Broken body",
            Self::TooManyRequests => "Too many requests at once",
            Self::Disconnected | Self::Unsent => "Message broker unreachable",
            Self::NoStream { .. } => "No queue for this request",
            Self::Refused(refusal) => match Blame::of(refusal) {
                Blame::Full => "Queue full",
                Blame::Unavailable => "Queue unavailable",
                Blame::TooLarge => "Body too large",
                Blame::Configuration | Blame::Unclear => "Queue refused the request",
            },
            Self::Answer(_) | Self::AnswerTooLarge(_) => "Unusable answer",
            Self::Feed(refusal) => refusal.title(),
            Self::Deadline(_) => "No answer in time",
        }
    }

    /// What happened this time and what to do.
    pub fn detail(&self) -> String {
        match self {
            Self::UnknownPath => "no resource has this path".to_owned(),
            Self::Method(allow) => {
                format!(
                    "the resource allows {}",
                    String::from_utf8_lossy(allow.as_bytes())
                )
            }
            Self::UnknownMethod => "the method is not served on any path".to_owned(),
            Self::Path(error) => error.to_string(),
            Self::TrailingSlash(_) => "the resource has this path without the slash at its end".to_owned(),
            Self::Encoding(error) => with_source(error),
            Self::BodyTooLarge(limit) => format!("at most {limit} bytes are taken here"),
            Self::BodyTooSlow => "the body did not arrive in time; the request was not accepted".to_owned(),
            Self::BodyBroken => "the body is malformed or ends too early".to_owned(),
            Self::TooManyRequests => {
                "as many requests as allowed are waiting; this one was not accepted".to_owned()
            }
            Self::Disconnected => "there is no connection to NATS; the request was not accepted".to_owned(),
            Self::Unsent => "the connection to NATS is stalled; the request was not accepted".to_owned(),
            Self::NoStream { unknown: true, .. } => {
                "the queue did not confirm the request and then was gone; it may have been accepted"
                    .to_owned()
            }
            Self::NoStream { uncovered: true, .. } => {
                "no stream takes requests for this path; the request was not accepted".to_owned()
            }
            Self::NoStream { .. } => "the queue does not respond; the request was not accepted".to_owned(),
            Self::Refused(refusal) => {
                format!("the queue says: {} (code {})", refusal.description, refusal.code)
            }
            Self::Answer(error) => format!("the service answered, but {}", with_source(error)),
            Self::AnswerTooLarge(limit) => {
                format!("the service answered with more than the {limit} bytes that are passed on")
            }
            Self::Feed(refusal) => refusal.detail(),
            Self::Deadline(waited) => format!(
                "no answer within {} ms; the request may still take effect, or may have already",
                waited.as_millis()
            ),
        }
    }
}

fn with_source(error: &dyn Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
