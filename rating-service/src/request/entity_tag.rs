//! `If-Match` and `If-None-Match` (RFC 9110 section 13.1).

use http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};

use super::{Rejection, rejection};
use crate::domain::Precondition;

/// The versions a client has already, for a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoneMatch(Precondition);

impl NoneMatch {
    /// Whether the client need not be sent this version.
    pub fn has(&self, version: i64) -> bool {
        self.0 != Precondition::None && self.0.holds(version)
    }
}

/// Strong comparison: a weak tag matches nothing.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Precondition, Rejection> {
    let value = joined(headers, &IF_MATCH)?;
    condition(value.as_deref(), false).map_err(|detail| rejection::header("If-Match", detail))
}

/// Weak comparison: a weak tag matches like the strong one.
pub(super) fn if_none_match(headers: &HeaderMap) -> Result<NoneMatch, Rejection> {
    let value = joined(headers, &IF_NONE_MATCH)?;
    condition(value.as_deref(), true)
        .map(NoneMatch)
        .map_err(|detail| rejection::header("If-None-Match", detail))
}

fn joined(headers: &HeaderMap, name: &http::HeaderName) -> Result<Option<String>, Rejection> {
    let mut lines = Vec::new();
    for line in headers.get_all(name) {
        lines.push(
            line.to_str()
                .map_err(|_| rejection::header(name.as_str(), "is not ASCII"))?,
        );
    }
    Ok(if lines.is_empty() {
        None
    } else {
        Some(lines.join(","))
    })
}

fn condition(value: Option<&str>, weak_matches: bool) -> Result<Precondition, &'static str> {
    const WRONG: &str = "must be * or a list of entity tags such as \"v1\", in double quotes";
    let Some(value) = value else {
        return Ok(Precondition::None);
    };
    if value.trim() == "*" {
        return Ok(Precondition::Exists);
    }
    let mut versions = Vec::new();
    let mut rest = value.trim_matches([' ', '\t', ',']);
    if rest.is_empty() {
        return Err(WRONG);
    }
    while !rest.is_empty() {
        let strong = rest.strip_prefix("W/");
        let quoted = strong.unwrap_or(rest).strip_prefix('"').ok_or(WRONG)?;
        let (tag, after) = quoted.split_once('"').ok_or(WRONG)?;
        if !tag
            .bytes()
            .all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte))
        {
            return Err(WRONG);
        }
        if strong.is_none() || weak_matches {
            versions.extend(version(tag));
        }
        let after = after.trim_start();
        if !after.is_empty() && !after.starts_with(',') {
            return Err(WRONG);
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    Ok(Precondition::Versions(versions))
}

/// A tag of ours; others are not wrong, they match nothing.
fn version(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix('v')?;
    let canonical = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if canonical { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*", Precondition::Exists ; "star")]
    #[test_case("\"v3\"", Precondition::Versions(vec![3]) ; "one")]
    #[test_case("\"v3\" , \"v12\",", Precondition::Versions(vec![3, 12]) ; "list")]
    #[test_case("W/\"v3\", \"v4\"", Precondition::Versions(vec![4]) ; "weak tags are left out")]
    #[test_case("\"abc\", \"v03\", \"v+3\", \"v\", \"\"", Precondition::Versions(vec![]) ; "tags of others")]
    #[test_case("\"a,b\"", Precondition::Versions(vec![]) ; "comma inside a tag")]
    fn if_match_is_read(value: &str, expected: Precondition) {
        assert_eq!(condition(Some(value), false), Ok(expected));
    }

    #[test_case("")]
    #[test_case("v3")]
    #[test_case("\"v3")]
    #[test_case("\"v3\" \"v4\"")]
    #[test_case("w/\"v3\"")]
    #[test_case("*, \"v1\"")]
    #[test_case("\"a b\"")]
    fn anything_else_is_refused(value: &str) {
        assert!(condition(Some(value), false).is_err());
    }

    #[test]
    fn weak_tags_match_in_reads() {
        assert_eq!(
            condition(Some("W/\"v3\""), true),
            Ok(Precondition::Versions(vec![3]))
        );
    }
}
