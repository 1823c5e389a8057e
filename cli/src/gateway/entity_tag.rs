//! Entity tags of files: a client that has the current one gets 304 instead of the bytes (RFC 9110, 8.8.3 and 13.1.2).

use std::fs::Metadata;
use std::time::UNIX_EPOCH;

/// A weak tag from a file's size and time of change; weak because two writes within the clock's grain look alike.
pub(super) fn of(metadata: &Metadata, coding: Option<&str>) -> String {
    let changed = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    let coding = coding.unwrap_or("plain");
    format!("W/\"{:x}-{:x}-{coding}\"", metadata.len(), changed.as_nanos())
}

/// Whether an `If-None-Match` value names `tag`, by weak comparison.
pub(super) fn none_match_names(if_none_match: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.trim() == "*"
        || if_none_match
            .split(',')
            .any(|candidate| opaque(candidate) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("W/\"a-1-br\"" => true; "the same")]
    #[test_case("\"a-1-br\"" => true; "strong and weak are alike here")]
    #[test_case("\"x\", W/\"a-1-br\"" => true; "one of several")]
    #[test_case("*" => true; "any")]
    #[test_case("\"a-1-plain\"" => false; "another coding")]
    fn names(if_none_match: &str) -> bool {
        none_match_names(if_none_match, "W/\"a-1-br\"")
    }
}
