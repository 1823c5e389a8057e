//! Who waits for an answer to a message that cannot be served.

use uuid::Uuid;

use super::{Version, fields, is_reply_subject, v1};
use crate::headers::{HeaderSource, names};

/// Where and how to answer a message, when that is all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress {
    /// The envelope to answer in.
    pub version: Version,
    /// Checked by [`is_reply_subject`].
    pub reply_to: String,
    /// Nil if the message has none that can be read.
    pub id: Uuid,
}

/// Finds out who waits for the answer to a message for which [`decode_request`](super::decode_request) has failed.
///
/// An original proxy waits without end, so it too has to hear that its request will not be served.
pub fn return_address(headers: &impl HeaderSource, payload: &[u8]) -> Option<ReturnAddress> {
    let id = fields::id(headers).ok().flatten();
    if let Some(reply_to) = headers.first(names::REPLY) {
        return is_reply_subject(reply_to).then(|| ReturnAddress {
            version: Version::V2,
            reply_to: reply_to.to_owned(),
            id: id.unwrap_or_default(),
        });
    }
    let reply_to = v1::reply_to(payload)?;
    Some(ReturnAddress {
        version: Version::V1,
        id: id.unwrap_or_else(|| v1::id_of(&reply_to)),
        reply_to,
    })
}
