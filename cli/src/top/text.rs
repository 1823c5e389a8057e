//! Text from outside, made fit for a terminal: nothing in it can move the cursor, and it is as wide as it looks.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` with every control character and every invisible mark replaced by `?`, so that neither an escape sequence nor a change of
/// direction gets through. Line ends and tabs become spaces.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(unsafe_to_show) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\n' | '\t' | '\r' => ' ',
                c if unsafe_to_show(c) => '?',
                c => c,
            })
            .collect(),
    )
}

/// `text` with `?` for what is not ASCII.
pub(crate) fn ascii(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    Cow::Owned(text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect())
}

/// Control characters (C0, C1), marks that turn the direction of writing, and characters that have no width of their own.
fn unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` cut to `columns`; where something is lost, the last column says so with `mark`.
pub(crate) fn cut<'a>(text: &'a str, columns: usize, mark: &str) -> Cow<'a, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let room = columns.saturating_sub(mark.width());
    let mut kept = String::with_capacity(columns);
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        kept.push(c);
    }
    kept.push_str(mark);
    Cow::Owned(kept)
}

/// `text` broken into lines of at most `columns`, at spaces where that is possible.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > columns {
            let at = split_at(word, columns);
            lines.push(word[..at].to_owned());
            word = &word[at..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The byte at which `word` has to be broken to fit; after its first character at least, so that there is an end.
fn split_at(word: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns && at > 0 {
            return at;
        }
        used += wide;
    }
    word.len()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("plain" => "plain"; "plain text stays")]
    #[test_case("\u{1b}[31mred\u{1b}[0m" => "?[31mred?[0m"; "escape sequences are none any more")]
    #[test_case("\u{9b}31m" => "?31m"; "nor are those of eight bits")]
    #[test_case("a\r\nb\tc" => "a  b c"; "line ends and tabs are spaces")]
    #[test_case("\u{202e}gnp" => "?gnp"; "direction stays as it is")]
    #[test_case("日本" => "日本"; "letters of any writing stay")]
    fn cleaning(text: &str) -> String {
        clean(text).into_owned()
    }

    #[test_case("short", 5 => "short"; "what fits stays")]
    #[test_case("longer", 5 => "long~"; "what does not is cut")]
    #[test_case("日本語", 4 => "日~"; "a wide character is never halved")]
    #[test_case("x", 0 => ""; "no room at all")]
    fn cutting(text: &str, columns: usize) -> String {
        cut(text, columns, "~").into_owned()
    }

    #[test_case("one two three", 7 => vec!["one two", "three"]; "at spaces")]
    #[test_case("abcdefg", 3 => vec!["abc", "def", "g"]; "within a long word")]
    #[test_case("日", 1 => vec!["日"]; "a character that is too wide ends it all the same")]
    #[test_case("", 3 => Vec::<String>::new(); "nothing is no line")]
    fn wrapping(text: &str, columns: usize) -> Vec<String> {
        wrap(text, columns)
    }
}
