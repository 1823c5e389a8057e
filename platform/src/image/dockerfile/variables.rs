//! Variables in instructions: `$X`, `${X}`, `${X:-otherwise}`, `${X:+instead}`.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// Variables by name.
pub(super) type Variables = BTreeMap<String, String>;

/// The text with its variables replaced and quotes taken away; what is not set is empty.
pub(super) fn expand(text: &str, variables: &Variables, escape: char) -> String {
    let mut expanded = String::new();
    let mut rest = text.chars().peekable();
    let mut quote = None;
    while let Some(c) = rest.next() {
        match c {
            c if c == escape && quote != Some('\'') => expanded.extend(rest.next()),
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            '$' if quote != Some('\'') => expanded.push_str(&variable(&mut rest, variables, escape)),
            c => expanded.push(c),
        }
    }
    expanded
}

/// What stands behind a `$`.
fn variable(rest: &mut Peekable<Chars<'_>>, variables: &Variables, escape: char) -> String {
    if rest.next_if_eq(&'{').is_none() {
        let name = name(rest);
        return match name.as_str() {
            "" => "$".to_owned(),
            name => variables.get(name).cloned().unwrap_or_default(),
        };
    }
    let name = name(rest);
    let word = braced(rest);
    let value = variables.get(&name);
    let full = value.filter(|value| !value.is_empty());
    let otherwise = |word: &str| expand(word, variables, escape);
    match word.split_at_checked(2).unwrap_or((word.as_str(), "")) {
        (":-", word) => full.cloned().unwrap_or_else(|| otherwise(word)),
        (":+", word) => full.map_or_else(String::new, |_| otherwise(word)),
        _ => match word.split_at_checked(1) {
            Some(("-", word)) => value.cloned().unwrap_or_else(|| otherwise(word)),
            Some(("+", word)) => value.map_or_else(String::new, |_| otherwise(word)),
            _ => value.cloned().unwrap_or_default(),
        },
    }
}

fn name(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    name
}

/// Everything up to the brace that closes.
fn braced(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    let mut open = 1;
    for c in rest {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
        word.push(c);
    }
    word
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("nats:$TAG" => "nats:2"; "plain")]
    #[test_case("nats:${TAG}-alpine" => "nats:2-alpine"; "in braces")]
    #[test_case("${NONE}x$NONE" => "x"; "not set")]
    #[test_case("${NONE:-a:${TAG}}" => "a:2"; "otherwise something with a variable")]
    #[test_case("${EMPTY:-a}${EMPTY-b}" => "a"; "empty is not unset")]
    #[test_case("${TAG:+yes}${NONE:+no}${EMPTY+set}" => "yesset"; "instead")]
    #[test_case("\"$TAG\"'$TAG'" => "2$TAG"; "quotes")]
    #[test_case("\\$TAG$" => "$TAG$"; "no variable")]
    #[test_case("${TAG" => "2"; "an open brace")]
    fn expanded(text: &str) -> String {
        let variables =
            [("TAG", "2"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        expand(text, &variables.into(), '\\')
    }
}
