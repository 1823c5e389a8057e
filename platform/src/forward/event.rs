//! What happens to a forward while it lives.

use serde::Serialize;

/// Something a person wants to know about a forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// New connections go to this pod from now on.
    Serving {
        /// The pod.
        pod: String,
        /// The pod before it, if there was one.
        previous: Option<String>,
        /// Milliseconds for which there was no pod at all.
        gap_ms: u64,
    },
    /// No pod is ready: new connections are held. Sent again when the reason changes.
    Waiting {
        /// Why, in a few words.
        reason: String,
    },
    /// A connection was held as long as it may be, and was closed.
    GivenUp {
        /// Why, in a few words.
        reason: String,
        /// Milliseconds for which it was held.
        after_ms: u64,
    },
    /// A connection broke off.
    Broken {
        /// The pod it went to.
        pod: String,
        /// Why, in a few words.
        reason: String,
    },
}
