//! Lines of other programs made harmless: what a component logs may hold what a client sent, and must not move the
//! cursor, change the title or paint over other lines of the terminal it is shown on.

/// The line without escape sequences, and with every other control or direction-changing character made visible.
pub fn plain_line(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\t' => plain.push('\t'),
            c if c.is_control() || changes_direction(c) => plain.extend(c.escape_unicode()),
            c => plain.push(c),
        }
    }
    plain
}

/// Skips what follows ESC (ECMA-48): a control sequence, a string up to its terminator, or one character.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => skip_control_sequence(rest),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        _ => {}
    }
}

/// Parameters and intermediates, then one final character.
fn skip_control_sequence(rest: &mut std::str::Chars<'_>) {
    let _final = rest.find(|c| !matches!(c, ' '..='?'));
}

/// Everything up to BEL or ST; a string that never ends takes the rest of the line with it.
fn skip_string(rest: &mut std::str::Chars<'_>) {
    while let Some(c) = rest.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                rest.next();
                return;
            }
            _ => {}
        }
    }
}

/// Characters that reorder the text around them and so can make a line read as something else.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("plain, with ümlauts and\ttabs" => "plain, with ümlauts and\ttabs"; "ordinary text")]
    #[test_case("\u{1b}[31mred\u{1b}[0m" => "red"; "colours go")]
    #[test_case("a\u{1b}[2J\u{1b}[1;1Hb" => "ab"; "clearing the screen goes")]
    #[test_case("\u{1b}]0;title\u{7}x" => "x"; "a window title goes")]
    #[test_case("\u{1b}]8;;http://e/\u{1b}\\link\u{1b}]8;;\u{1b}\\" => "link"; "a hyperlink becomes its words")]
    #[test_case("\u{9b}31mred" => "red"; "the one-character form")]
    #[test_case("a\rb\u{7}" => "a\\u{d}b\\u{7}"; "other controls are made visible")]
    #[test_case("user\u{202e}gnp" => "user\\u{202e}gnp"; "so are direction overrides")]
    #[test_case("end\u{1b}" => "end"; "an escape at the end")]
    #[test_case("end\u{1b}]0;never" => "end"; "a string that never ends")]
    fn plain(line: &str) -> String {
        plain_line(line)
    }
}
