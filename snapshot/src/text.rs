//! Text from outside, made safe to show: nothing in it can move a cursor or colour a terminal.

use std::collections::BTreeMap;

/// Bytes kept of one piece of text.
const LONGEST: usize = 512;

/// Entries kept of one list or map.
const MOST: usize = 64;

/// Replaces what is not to be shown, and cuts what is too long.
pub(crate) fn clean(text: &mut String) {
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    if text.chars().any(is_unsafe) {
        *text = text
            .chars()
            .map(|c| if is_unsafe(c) { '\u{fffd}' } else { c })
            .collect();
    }
}

/// [`clean`] of what may be absent.
pub(crate) fn clean_some(text: &mut Option<String>) {
    if let Some(text) = text {
        clean(text);
    }
}

/// [`clean`] of each, and no more of them than can be shown.
pub(crate) fn clean_all(texts: &mut Vec<String>) {
    texts.truncate(MOST);
    texts.iter_mut().for_each(clean);
}

/// [`clean`] of names and values.
pub(crate) fn clean_map(map: &mut BTreeMap<String, String>) {
    let safe =
        |text: &String| text.len() <= LONGEST && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if map.len() <= MOST && map.iter().all(|(name, value)| safe(name) && safe(value)) {
        return;
    }
    *map = std::mem::take(map)
        .into_iter()
        .take(MOST)
        .map(|(mut name, mut value)| {
            clean(&mut name);
            clean(&mut value);
            (name, value)
        })
        .collect();
}

/// Cut to as many as are ever kept.
pub(crate) fn bound<T>(list: &mut Vec<T>) {
    list.truncate(MOST);
}

/// A word of a command line that any shell takes as one.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Control characters, those that turn the direction of writing, and those that are not seen at all.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{LONGEST, clean, quoted};

    #[test_case("ORDERS", "ORDERS")]
    #[test_case("\u{1b}[31mred\u{7}", "\u{fffd}[31mred\u{fffd}")]
    #[test_case("a\u{202e}b\u{9b}c\r\n", "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}")]
    #[test_case("Grüße", "Grüße")]
    fn text_cannot_steer_a_terminal(from: &str, shown: &str) {
        let mut text = from.to_owned();
        clean(&mut text);
        assert_eq!(text, shown);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let mut text = "ü".repeat(LONGEST);
        clean(&mut text);
        assert_eq!(text.chars().count(), LONGEST / 2 + 1);
    }

    #[test_case("ORDERS", "ORDERS")]
    #[test_case("a;reboot", "'a;reboot'")]
    #[test_case("it's", r"'it'\''s'")]
    #[test_case("", "''")]
    fn names_in_commands_are_one_word(name: &str, word: &str) {
        assert_eq!(quoted(name), word);
    }
}
