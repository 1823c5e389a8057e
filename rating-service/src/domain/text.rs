//! Rules for texts. Each returns the text as it is stored, or what is wrong with it.

const MAX_NAME_CHARACTERS: usize = 200;
/// So that the longest page of the longest texts still fits into a message of 1 MiB.
const MAX_LONG_TEXT_CHARACTERS: usize = 1_000;
const MAX_EMAIL_BYTES: usize = 254; // RFC 5321 section 4.5.3.1.3, less the angle brackets
const MAX_LOCAL_PART_BYTES: usize = 64; // RFC 5321 section 4.5.3.1.1
const MAX_LABEL_BYTES: usize = 63; // RFC 1035 section 2.3.4

/// A name: trimmed, 1 to 200 characters on one line.
///
/// # Errors
/// Says what is wrong.
pub fn name(raw: &str) -> Result<String, String> {
    let text = raw.trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    limited(text, MAX_NAME_CHARACTERS)
}

/// A description: trimmed, up to 1,000 characters, line breaks and tabs allowed.
///
/// # Errors
/// Says what is wrong.
pub fn description(raw: &str) -> Result<String, String> {
    let text = raw.trim();
    if text
        .chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
    {
        return Err("must not contain control characters other than line breaks and tabs".to_owned());
    }
    limited(text, MAX_LONG_TEXT_CHARACTERS)
}

/// A comment obeys the rules of a [`description`]; one without text is none.
///
/// # Errors
/// Says what is wrong.
pub fn comment(raw: &str) -> Result<Option<String>, String> {
    description(raw).map(|text| if text.is_empty() { None } else { Some(text) })
}

fn limited(text: &str, max: usize) -> Result<String, String> {
    let length = text.chars().count();
    if length > max {
        return Err(format!("must have at most {max} characters, not {length}"));
    }
    Ok(text.to_owned())
}

/// An address as browsers accept it (WHATWG HTML, "valid email address"): trimmed, ASCII, no quoting, no comments.
///
/// # Errors
/// Says what is wrong.
pub fn email(raw: &str) -> Result<String, String> {
    let text = raw.trim();
    if text.len() > MAX_EMAIL_BYTES {
        return Err(format!("must have at most {MAX_EMAIL_BYTES} characters"));
    }
    let Some((local, domain)) = text.split_once('@') else {
        return Err("must be an email address such as ada@example.org".to_owned());
    };
    if !is_local_part(local) {
        return Err("has a part before the @ that is not valid in an email address".to_owned());
    }
    if !domain.split('.').all(is_label) {
        return Err("has a part after the @ that is not a host name".to_owned());
    }
    Ok(text.to_owned())
}

fn is_local_part(text: &str) -> bool {
    (1..=MAX_LOCAL_PART_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_name_is_trimmed() {
        assert_eq!(name("  Ada Lovelace\u{3000}"), Ok("Ada Lovelace".to_owned()));
    }

    #[test_case("" ; "empty")]
    #[test_case(" \t " ; "blank")]
    #[test_case("a\0b" ; "nul")]
    #[test_case("a\nb" ; "line break")]
    #[test_case("a\u{85}b" ; "C1 control")]
    #[test_case(&"x".repeat(201) ; "too long")]
    fn bad_names_are_refused(raw: &str) {
        assert!(name(raw).is_err());
    }

    #[test]
    fn a_description_may_have_lines_but_no_other_controls() {
        assert_eq!(description(" a\n\tb "), Ok("a\n\tb".to_owned()));
        assert!(description("a\u{7}b").is_err());
        assert!(description(&"x".repeat(1_001)).is_err());
    }

    #[test]
    fn a_blank_comment_is_none() {
        assert_eq!(comment("  "), Ok(None));
    }

    #[test_case("ada@example.org")]
    #[test_case(" o'neil+x@a-b.c ")]
    #[test_case("root@localhost")]
    fn good_addresses_are_kept_trimmed(raw: &str) {
        assert_eq!(email(raw), Ok(raw.trim().to_owned()));
    }

    #[test_case("" ; "empty")]
    #[test_case("ada" ; "no at")]
    #[test_case("@example.org" ; "no local part")]
    #[test_case("ada@" ; "no domain")]
    #[test_case("a@b@c" ; "two ats")]
    #[test_case("a b@c" ; "space")]
    #[test_case("a@b..c" ; "empty label")]
    #[test_case("a@-b" ; "leading hyphen")]
    #[test_case("a@b\r\nBcc: c" ; "header injection")]
    #[test_case("ä@b" ; "not ascii")]
    #[test_case(&format!("{}@b", "a".repeat(65)) ; "long local part")]
    #[test_case(&format!("a@{}", "b.".repeat(130) + "c") ; "long")]
    fn bad_addresses_are_refused(raw: &str) {
        assert!(email(raw).is_err());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_accepted_again_unchanged(raw in "\\PC{0,40}") {
            for rule in [name, description, email] {
                if let Ok(text) = rule(&raw) {
                    prop_assert_eq!(rule(&text), Ok(text.clone()));
                }
            }
        }
    }
}
