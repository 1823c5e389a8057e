//! Why a client gets no feed.

use http::StatusCode;

use super::FilterError;

/// Clients that are turned away are to come back within this time, so that they do not come back at once.
const FULL_RETRY_S: u64 = 5;

/// Why a request for the feed is answered with a problem document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `subject` is no filter, or outside of what the feed carries.
    Filter(FilterError),
    /// `Accept` excludes what the feed is.
    NotAcceptable,
    /// The handshake of a WebSocket is not one; what is wrong with it.
    Handshake(&'static str),
    /// A version of the protocol that nobody speaks.
    WebSocketVersion,
    /// A page from elsewhere asks for a WebSocket.
    Origin,
    /// As many clients as allowed are here.
    Full,
    /// As many clients of this address as allowed are here.
    FullForAddress,
    /// As many filters as allowed are in use.
    Filters,
    /// The proxy ends.
    Draining,
    /// NATS cannot be reached, or does not answer.
    Unreachable,
    /// The stream cannot be read; the server's words.
    Stream(String),
}

impl Refusal {
    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Filter(_) | Self::Handshake(_) => StatusCode::BAD_REQUEST,
            Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::FullForAddress => StatusCode::TOO_MANY_REQUESTS,
            Self::Full | Self::Filters | Self::Draining | Self::Unreachable | Self::Stream(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// After how many seconds another try may help.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Filter(_)
            | Self::NotAcceptable
            | Self::Handshake(_)
            | Self::WebSocketVersion
            | Self::Origin => None,
            Self::Full | Self::FullForAddress | Self::Filters => Some(FULL_RETRY_S),
            Self::Draining | Self::Unreachable => Some(1),
            Self::Stream(_) => Some(2),
        }
    }

    /// Short, the same for every occurrence.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Filter(_) => "Malformed subject",
            Self::NotAcceptable => "Not acceptable",
            Self::Handshake(_) | Self::WebSocketVersion => "Malformed handshake",
            Self::Origin => "Foreign origin",
            Self::Full | Self::FullForAddress | Self::Filters => "Too many clients",
            Self::Draining => "Shutting down",
            Self::Unreachable => "Message broker unreachable",
            Self::Stream(_) => "Feed unavailable",
        }
    }

    /// What happened this time and what to do.
    pub fn detail(&self) -> String {
        match self {
            Self::Filter(error) => format!("the subject cannot be followed: {error}"),
            Self::NotAcceptable => "the feed is text/event-stream, which Accept excludes".to_owned(),
            Self::Handshake(what) => format!("this is no handshake of a WebSocket: {what}"),
            Self::WebSocketVersion => "WebSockets of version 13 are spoken here".to_owned(),
            Self::Origin => "a page of another origin may not open a WebSocket here".to_owned(),
            Self::Full => "as many clients as allowed follow the feed here".to_owned(),
            Self::FullForAddress => "as many clients of this address as allowed follow the feed".to_owned(),
            Self::Filters => "as many different subjects as allowed are followed here".to_owned(),
            Self::Draining => "this proxy is ending; another one has the feed".to_owned(),
            Self::Unreachable => "NATS does not answer; the feed begins when it does".to_owned(),
            Self::Stream(words) => format!("the stream behind the feed cannot be read: {words}"),
        }
    }

    /// The metric label.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Filter(_) | Self::NotAcceptable | Self::Handshake(_) | Self::WebSocketVersion => {
                "malformed"
            }
            Self::Origin => "origin",
            Self::Full => "clients",
            Self::FullForAddress => "address",
            Self::Filters => "filters",
            Self::Draining => "draining",
            Self::Unreachable | Self::Stream(_) => "unavailable",
        }
    }
}
