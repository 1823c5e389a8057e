//! One path segment <-> one subject token.

use std::fmt::Write as _;

/// The token that stands for the empty path `/`.
pub(super) const ROOT: &str = "_";

/// Bytes that stand for themselves in a token. All others, `%` among them, are written as `%XX`.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'_' | b'~' | b'!' | b'@' | b',' | b':' | b';' | b'=' | b'+' | b'(' | b')' | b'\'' | b'-'
        )
}

/// Appends `segment` as a token.
pub(super) fn push(out: &mut String, segment: &str) {
    for byte in segment.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
}

/// Percent-decodes `text` once. `None` for an escape that is cut short or not hexadecimal.
pub(super) fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}
