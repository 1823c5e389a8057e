//! What comes from a cluster, made fit for one line on a screen.

use crate::plain_line::plain_line;

/// Characters that are shown of a message.
const LIMIT: usize = 300;

/// The text in one line, without control characters, cut when it is long.
pub(crate) fn line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let spaced = plain_line(&spaced);
    let mut line = String::new();
    for word in spaced.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(LIMIT) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_one_line_of_bounded_length() {
        assert_eq!(line(" a\r\n\tb\u{1b}[31m c\n"), "a b c");
        assert_eq!(line(&"ä".repeat(400)).chars().count(), 301);
    }
}
