//! Where answers may go.

/// Longest reply subject in bytes.
pub const MAX_REPLY_SUBJECT_BYTES: usize = 256;

/// Whether a worker may publish an answer on `subject`: a proxy's inbox (`_PX.…`) or a client library's (`_INBOX…`), all
/// of it literal tokens.
///
/// Anybody who may publish requests writes this subject; without the check a worker could be made to publish on
/// `$JS.API.STREAM.DELETE.…` with its own permissions.
pub fn is_reply_subject(subject: &str) -> bool {
    let mut tokens = subject.split('.');
    let inbox = tokens
        .next()
        .is_some_and(|first| first == "_PX" || first.starts_with("_INBOX"));
    let literal = |token: &str| {
        !token.is_empty()
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'='))
    };
    inbox
        && subject.len() <= MAX_REPLY_SUBJECT_BYTES
        && subject.split('.').count() > 1
        && subject.split('.').all(literal)
}
