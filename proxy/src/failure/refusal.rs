//! What a stream's refusal means to the client. The codes are `JetStream`'s own (`err_code`).

use http::StatusCode;

use crate::pending::Refusal;

/// What a refusal comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The queue is full: too much is waiting already.
    Full,
    /// The server or stream is unable for a while.
    Unavailable,
    /// The message is too large for the stream.
    TooLarge,
    /// The stream is not set up for what the proxy sends.
    Configuration,
    /// Anything else.
    Unclear,
}

impl Blame {
    /// Sorts a refusal by its code, and where that is not known by its class.
    pub fn of(refusal: &Refusal) -> Self {
        match refusal.code {
            // 10077 store failed (a limit with `discard: new`), 10167 ingest queue full, 10023 insufficient resources,
            // 10028 memory and 10047 storage of the account used up.
            10_077 | 10_167 | 10_023 | 10_028 | 10_047 => Self::Full,
            // 10008 no quorum, 10009 not the leader, 10118 stream offline, 10164 a leader is being chosen.
            10_008 | 10_009 | 10_118 | 10_164 => Self::Unavailable,
            10_054 => Self::TooLarge,
            // 10060 another stream was expected, 10165 and 10166 time to live refused, 10056 sealed, 10039 no JetStream.
            10_060 | 10_165 | 10_166 | 10_056 | 10_039 => Self::Configuration,
            _ if matches!(refusal.status, 429 | 503) => Self::Unavailable,
            _ => Self::Unclear,
        }
    }

    /// Whether the stream is not what it was taken for, so that it is worth another look.
    pub fn is_of_configuration(self) -> bool {
        matches!(self, Self::Configuration | Self::Unclear)
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Full | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Configuration | Self::Unclear => StatusCode::BAD_GATEWAY,
        }
    }

    pub(super) fn retry_after_seconds(self) -> Option<u64> {
        match self {
            Self::Full => Some(1),
            Self::Unavailable => Some(2),
            Self::TooLarge | Self::Configuration | Self::Unclear => None,
        }
    }
}
