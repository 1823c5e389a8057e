//! Text broken into lines between words; what stands between backticks is meant to be copied and stays whole.

/// Lines of at most `width` columns, except where a single word or command is wider.
pub(crate) fn words(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + piece.chars().count() <= width => {
                line.push(' ');
                line.push_str(&piece);
            }
            _ => lines.push(piece),
        }
    }
    lines
}

/// Words, with everything between two backticks as part of one.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split_whitespace() {
        match pieces.last_mut() {
            Some(piece) if open => {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
        open ^= word.matches('`').count() % 2 == 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("", 10 => Vec::<String>::new(); "nothing")]
    #[test_case("a bc def", 4 => vec!["a bc", "def"]; "between words")]
    #[test_case("ünï cödé", 8 => vec!["ünï cödé"]; "columns are counted, not bytes")]
    #[test_case("run `a b c`, then d", 8 => vec!["run", "`a b c`,", "then d"]; "a command stays whole")]
    #[test_case("a verylongword b", 4 => vec!["a", "verylongword", "b"]; "a word wider than the line")]
    #[test_case("an `open end", 4 => vec!["an", "`open end"]; "a backtick without its partner")]
    fn lines(text: &str, width: usize) -> Vec<String> {
        words(text, width)
    }
}
