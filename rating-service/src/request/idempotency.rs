//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

use contract::envelope::Request;
use sha2::{Digest as _, Sha256};

use super::{Rejection, rejection};
use crate::store::Key;

const NAME: &str = "Idempotency-Key";
const MAX_BYTES: usize = 255;

/// The request's key with what it is valid for: this method and path; and what it stands for: this query and body.
///
/// # Errors
/// 400 if the header is not a key.
pub fn key(request: &Request) -> Result<Option<Key>, Rejection> {
    let mut lines = request.headers.get_all("idempotency-key").iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(rejection::header(NAME, "is given more than once"));
    }
    let text = line.to_str().ok().and_then(unquoted).ok_or_else(|| {
        rejection::header(
            NAME,
            format!("must be 1 to {MAX_BYTES} visible ASCII characters, with or without quotes"),
        )
    })?;
    let path = request.path.to_string();
    let scope = digest(&[
        request.method.as_str().as_bytes(),
        path.as_bytes(),
        text.as_bytes(),
    ]);
    let query = request.query.as_deref().unwrap_or_default();
    Ok(Some(Key {
        scope,
        fingerprint: digest(&[query.as_bytes(), &request.body]),
    }))
}

/// The draft wants a quoted string (RFC 8941); most clients send the bare text. Both mean the same key.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let text = match value.strip_prefix('"') {
        Some(rest) => unescaped(rest.strip_suffix('"')?)?,
        None => value.to_owned(),
    };
    let good =
        (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    good.then_some(text)
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters
                .next()
                .filter(|escaped| matches!(escaped, '"' | '\\'))?,
            '"' => return None,
            other => other,
        });
    }
    Some(plain)
}

/// Each part is hashed with its length, so that no two lists of parts look the same.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| {
        hash.chain_update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes())
            .chain_update(part)
    });
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("abc", Some("abc") ; "bare")]
    #[test_case("\"abc\"", Some("abc") ; "quoted")]
    #[test_case(r#""a\"b\\c""#, Some(r#"a"b\c"#) ; "escaped")]
    #[test_case("", None ; "empty")]
    #[test_case("\"\"", None ; "empty quotes")]
    #[test_case("\"abc", None ; "open")]
    #[test_case(r#""a\x""#, None ; "bad escape")]
    fn keys_are_read_with_and_without_quotes(value: &str, expected: Option<&str>) {
        assert_eq!(unquoted(value).as_deref(), expected);
    }

    #[test]
    fn a_key_has_at_most_255_characters() {
        assert!(unquoted(&"k".repeat(255)).is_some());
        assert!(unquoted(&"k".repeat(256)).is_none());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
