//! Everything that can go wrong with a request, and how each looks over HTTP: the table of docs/OPERATIONS.md.

mod refusal;
mod wording;

use std::time::Duration;

use contract::envelope::{DecodeError, EncodeError};
use contract::problem::Problem;
use contract::subject::PathError;
use http::{HeaderValue, StatusCode};

pub use refusal::Blame;

use crate::feed;
use crate::pending::Refusal;

/// Why the proxy itself answers a request, instead of a worker.
#[derive(Debug)]
pub enum Failure {
    /// No route has the path.
    UnknownPath,
    /// The path has routes, none for the method; the value is the `Allow` field.
    Method(HeaderValue),
    /// The method can have no route (`CONNECT` and whatever HTTP may yet get).
    UnknownMethod,
    /// The path cannot become a subject.
    Path(PathError),
    /// The path ends with a slash; the value is where the client should go instead.
    TrailingSlash(HeaderValue),
    /// A field or the query cannot travel, or a version 1 body is no JSON.
    Encoding(EncodeError),
    /// The body is larger than may be sent, in bytes.
    BodyTooLarge(usize),
    /// The body did not come in time.
    BodyTooSlow,
    /// The body was malformed or broke off.
    BodyBroken,
    /// As many requests as allowed wait already.
    TooManyRequests,
    /// There is no connection to NATS, so nothing was sent.
    Disconnected,
    /// The message could not be handed to the connection before the deadline.
    Unsent,
    /// No stream took the message; `uncovered` if it is known that none is meant to.
    NoStream {
        /// No stream has the route's subject.
        uncovered: bool,
        /// An earlier try may have been stored.
        unknown: bool,
    },
    /// The stream said no.
    Refused(Refusal),
    /// The answer cannot be read.
    Answer(DecodeError),
    /// The answer is larger than is passed on, in bytes.
    AnswerTooLarge(usize),
    /// The live feed takes no client, or not this one.
    Feed(feed::Refusal),
    /// No answer (or, in event mode, no acknowledgement) in this time.
    Deadline(Duration),
}

/// Who has to look at a failure; decides the level of its log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The client: nothing is wrong here.
    Client,
    /// Whoever runs the service.
    Service,
}

impl Failure {
    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TrailingSlash(_) => StatusCode::PERMANENT_REDIRECT,
            Self::UnknownPath | Self::Path(PathError::EmptySegment { .. }) => StatusCode::NOT_FOUND,
            Self::Method(_) | Self::Path(PathError::Method(_)) => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnknownMethod => StatusCode::NOT_IMPLEMENTED,
            Self::Path(PathError::TooLong | PathError::TooManySegments) => StatusCode::URI_TOO_LONG,
            Self::Encoding(EncodeError::BodyNotJson(_)) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Path(_) | Self::Encoding(_) | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoStream { uncovered: true, .. } | Self::Answer(_) | Self::AnswerTooLarge(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::TooManyRequests | Self::Disconnected | Self::Unsent | Self::NoStream { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused(refusal) => Blame::of(refusal).status(),
            Self::Feed(refusal) => refusal.status(),
            Self::Deadline(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// After how many seconds another try may help; none where it is pointless or unsafe to say.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests | Self::Disconnected | Self::Unsent => Some(1),
            Self::NoStream { uncovered: false, .. } => Some(2),
            Self::Refused(refusal) => Blame::of(refusal).retry_after_seconds(),
            Self::Feed(refusal) => refusal.retry_after_seconds(),
            _ => None,
        }
    }

    /// Whether the effect may or may not have happened.
    pub fn outcome_is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Answer(_)
                | Self::AnswerTooLarge(_)
                | Self::Deadline(_)
                | Self::NoStream { unknown: true, .. }
        )
    }

    /// Whether the rest of the request was left unread, so that the connection is of no further use.
    pub fn ends_connection(&self) -> bool {
        matches!(self, Self::BodyTooLarge(_) | Self::BodyTooSlow | Self::BodyBroken)
    }

    /// Who has to look at it.
    pub fn class(&self) -> Class {
        if self.status().is_server_error() {
            Class::Service
        } else {
            Class::Client
        }
    }

    /// The problem document.
    pub fn problem(&self, request_id: &str, path: &str) -> Problem {
        let problem = Problem::new(self.status(), self.title())
            .detail(self.detail())
            .request_id(request_id)
            .instance(path)
            .retryable(self.retry_after_seconds().is_some());
        if self.outcome_is_unknown() {
            problem.outcome_unknown()
        } else {
            problem
        }
    }
}

#[cfg(test)]
mod tests;
