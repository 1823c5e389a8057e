//! Which subjects a client wants to hear of.

use std::fmt;

/// Bytes and tokens of a subject that the server takes without complaint.
const MOST_BYTES: usize = 256;
const MOST_TOKENS: usize = 16;

/// A subject with or without wildcards: `events.rating.created`, `events.*.created`, `events.>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter(String);

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Longer than any subject.
    #[error("a subject has at most {MOST_BYTES} bytes and {MOST_TOKENS} tokens")]
    TooLong,
    /// A token is empty, or has a byte that no token has.
    #[error("a subject is tokens of visible ASCII, separated by single dots")]
    Token,
    /// A wildcard beside other characters, or `>` before the end.
    #[error("'*' stands for a whole token, and '>' for all that follow, at the end")]
    Wildcard,
    /// Nothing the feed carries would match.
    #[error("this feed carries {0} only")]
    Outside(Filter),
    /// More than one.
    #[error("one subject at a time; a wildcard takes several")]
    Several,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`] with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let tokens = text.split('.').count();
        if text.len() > MOST_BYTES || tokens > MOST_TOKENS {
            return Err(FilterError::TooLong);
        }
        for (index, token) in text.split('.').enumerate() {
            if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(FilterError::Token);
            }
            let is_last = index + 1 == tokens;
            let is_wildcard = token == "*" || (token == ">" && is_last);
            if token.contains(['*', '>']) && !is_wildcard {
                return Err(FilterError::Wildcard);
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The filter as NATS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `outer` matches everything that this one matches.
    pub fn is_within(&self, outer: &Self) -> bool {
        let (mut inner, mut outer) = (self.0.split('.'), outer.0.split('.'));
        loop {
            match (inner.next(), outer.next()) {
                (None, None) | (Some(_), Some(">")) => return true,
                (Some(">") | None, _) | (_, None) => return false,
                (Some(token), Some(allowed)) if allowed == "*" || token == allowed => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("events.rating.created")]
    #[test_case("events.*.created")]
    #[test_case("events.>")]
    #[test_case(">")]
    fn a_subject_is_read_as_it_is(text: &str) {
        assert_eq!(Filter::parse(text).unwrap().to_string(), text);
    }

    #[test_case("" => FilterError::Token; "nothing")]
    #[test_case("events..created" => FilterError::Token; "an empty token")]
    #[test_case("events.a b" => FilterError::Token; "a space")]
    #[test_case("events.a\r\nPUB x 0" => FilterError::Token; "another command")]
    #[test_case("events.\u{e4}" => FilterError::Token; "no ASCII")]
    #[test_case("events.a*" => FilterError::Wildcard; "a wildcard in a token")]
    #[test_case("events.>.a" => FilterError::Wildcard; "an end in the middle")]
    #[test_case(&"a.".repeat(17) => FilterError::TooLong; "many tokens")]
    #[test_case(&"a".repeat(257) => FilterError::TooLong; "many bytes")]
    fn what_is_none_is_refused(text: &str) -> FilterError {
        Filter::parse(text).unwrap_err()
    }

    #[test_case("events.>", "events.>" => true)]
    #[test_case("events.*.created", "events.>" => true)]
    #[test_case("events.a", "events.*" => true)]
    #[test_case("events.*", "events.*" => true)]
    #[test_case("events", "events.>" => false; "an end needs a token")]
    #[test_case("events.>", "events.*" => false; "an end is more than a token")]
    #[test_case("events.*", "events.a" => false; "a wildcard is more than a word")]
    #[test_case("other.a", "events.>" => false)]
    #[test_case(">", "events.>" => false)]
    #[test_case("*.a", "events.>" => false)]
    fn inside(inner: &str, outer: &str) -> bool {
        let read = |text| Filter::parse(text).unwrap();
        read(inner).is_within(&read(outer))
    }
}
