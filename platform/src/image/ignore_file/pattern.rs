//! One pattern: Go's `filepath.Match` with `**` for any number of folders.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    Just(char),
    /// `?`: one character, no slash.
    One,
    /// `*`: any number of characters, no slash.
    Some,
    /// Any number of characters: `**` at the end.
    All,
    /// `**` before something: nothing, or anything up to a slash. Always followed by [`Token::InFolders`].
    Folders,
    /// The same when it has begun: the slash has to come.
    InFolders,
    /// `[…]`: one character of these ranges, or of none of them.
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Pattern {
    /// Understands a pattern; what is wrong otherwise.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let clean = clean(text);
        let clean = match clean.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => clean.as_str(),
        };
        let mut tokens = tokens(clean)?;
        // Docker compares ends of paths where a pattern has nothing else special, and there `**x` is also the end of `yx`.
        let is_ending = clean.starts_with("**") && !clean.starts_with("**/") && !clean.contains('\\');
        let plain = |token: &Token| matches!(token, Token::Just(_));
        if is_ending && tokens.len() > 2 && tokens[2..].iter().all(plain) {
            tokens.splice(..2, [Token::All]);
        }
        Ok(Self(tokens))
    }

    /// Whether it matches a path, relative to the context, with slashes.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.after(path).last().copied().unwrap_or_default()
    }

    /// Whether it may match something in a folder.
    pub(super) fn may_match_below(&self, folder: &str) -> bool {
        self.after(&format!("{folder}/")).contains(&true)
    }

    /// Which tokens may come next after this much of a path; the last place stands for the pattern's end.
    fn after(&self, path: &str) -> Vec<bool> {
        let mut reached = vec![false; self.0.len() + 1];
        reached[0] = true;
        self.leave_out(&mut reached);
        for c in path.chars() {
            let mut next = vec![false; reached.len()];
            for (at, token) in self.0.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match token {
                    Token::All | Token::InFolders => next[at] = true,
                    Token::Folders => next[at + 1] = true,
                    Token::Some => next[at] |= c != '/',
                    token => next[at + 1] |= token.takes(c),
                }
                match token {
                    Token::Folders if c == '/' => next[at + 2] = true,
                    Token::InFolders if c == '/' => next[at + 1] = true,
                    _ => {}
                }
            }
            reached = next;
            self.leave_out(&mut reached);
        }
        reached
    }

    /// Goes past tokens that need no character.
    fn leave_out(&self, reached: &mut [bool]) {
        for (at, token) in self.0.iter().enumerate() {
            if reached[at] {
                match token {
                    Token::Some | Token::All => reached[at + 1] = true,
                    Token::Folders => reached[at + 2] = true,
                    _ => {}
                }
            }
        }
    }
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Token::Just(wanted) => *wanted == c,
            Token::One => c != '/',
            Token::Class { ranges, negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            _ => false,
        }
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                // `**/x` and `**x` are the same.
                rest.next_if_eq(&'/');
                if rest.peek().is_none() {
                    tokens.push(Token::All);
                } else {
                    tokens.extend([Token::Folders, Token::InFolders]);
                }
            }
            '*' => tokens.push(Token::Some),
            '?' => tokens.push(Token::One),
            '[' => tokens.push(class(&mut rest)?),
            '\\' => match rest.next() {
                Some(c) => tokens.push(Token::Just(c)),
                None => return Err("a backslash at the end escapes nothing"),
            },
            c => tokens.push(Token::Just(c)),
        }
    }
    Ok(tokens)
}

/// The rest of a class, up to its `]`.
fn class(rest: &mut Peekable<Chars<'_>>) -> Result<Token, &'static str> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
            return Ok(Token::Class { ranges, negated });
        }
        let low = class_character(rest)?;
        let high = match rest.next_if_eq(&'-') {
            Some(_) => class_character(rest)?,
            None => low,
        };
        if high < low {
            return Err("a range in [] goes backwards");
        }
        ranges.push((low, high));
    }
}

fn class_character(rest: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    match rest.next() {
        Some('\\') => rest.next().ok_or("a [ has no ]"),
        Some('-') => Err("a - in [] has no beginning or no end; \\- is the character itself"),
        Some(']') => Err("a ] comes where a character should be; \\] is the character itself"),
        Some(c) => Ok(c),
        None => Err("a [ has no ]"),
    }
}

/// The shortest path that says the same, as Go's `filepath.Clean` has it.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("a/b/", "a/b"; "a slash at the end")]
    #[test_case("./a//b/./c", "a/b/c"; "what says nothing")]
    #[test_case("a/../b", "b"; "up again")]
    #[test_case("../a", "../a"; "out of the folder")]
    #[test_case("/../a", "/a"; "not out of the root")]
    #[test_case("a/..", "."; "the folder itself")]
    #[test_case("/", "/"; "the root")]
    fn cleaned(path: &str, expected: &str) {
        assert_eq!(clean(path), expected);
    }
}
