//! Why an image is built again, in a few words.

use super::Hash;

/// Reasons that are told; more are counted.
const TOLD: usize = 3;

impl Hash {
    /// What is not as it was: `src/main.rs changed, base image nats:2 has another digest`.
    pub fn why(&self, last: Option<&Self>) -> String {
        let Some(last) = last else {
            return "not built here before".to_owned();
        };
        let mut reasons: Vec<String> = Vec::new();
        for (name, value) in &self.parts {
            match last.parts.get(name) {
                None => reasons.push(format!("{} is new", subject(name))),
                Some(old) if old != value => reasons.push(changed(name)),
                Some(_) => {}
            }
        }
        let gone = last.parts.keys().filter(|name| !self.parts.contains_key(*name));
        reasons.extend(gone.map(|name| format!("{} is gone", subject(name))));
        let more = reasons.len().saturating_sub(TOLD);
        reasons.truncate(TOLD);
        match (reasons.is_empty(), more) {
            (true, _) => "nothing changed since it was built here".to_owned(),
            (false, 0) => reasons.join(", "),
            (false, more) => format!("{}, {more} more", reasons.join(", ")),
        }
    }
}

/// What a part is called. Names of files can hold anything.
fn subject(name: &str) -> String {
    let name = crate::plain_line::plain_line(name);
    match name.split_once(':') {
        Some(("file", path)) => path.to_owned(),
        Some(("argument", argument)) => format!("argument {argument}"),
        Some(("base", image)) => format!("base image {image}"),
        _ => name,
    }
}

fn changed(name: &str) -> String {
    let subject = subject(name);
    if name.starts_with("base:") {
        format!("{subject} has another digest")
    } else {
        format!("{subject} changed")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn hash(parts: &[(&str, &str)]) -> Hash {
        let parts = parts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Hash::of(parts.collect())
    }

    #[test_case(&[("file:src/main.rs", "1")], &[("file:src/main.rs", "2")] => "src/main.rs changed"; "a file")]
    #[test_case(&[("Dockerfile", "1"), ("argument:A", "1")], &[("Dockerfile", "2"), ("argument:A", "2")] => "Dockerfile changed, argument A changed"; "two things")]
    #[test_case(&[("base:nats:2", "1")], &[("base:nats:2", "2")] => "base image nats:2 has another digest"; "a base image")]
    #[test_case(&[("file:a", "1")], &[("file:b", "1")] => "b is new, a is gone"; "a file that was renamed")]
    #[test_case(&[], &[("file:a", ""), ("file:b", ""), ("file:c", ""), ("file:d", ""), ("file:e", "")] => "a is new, b is new, c is new, 2 more"; "many")]
    #[test_case(&[("target", "a")], &[("target", "a")] => "nothing changed since it was built here"; "nothing")]
    #[test_case(&[("file:a\u{1b}[2J", "1")], &[("file:a\u{1b}[2J", "2")] => "a changed"; "a name that would clear the screen")]
    fn reasons(last: &[(&str, &str)], now: &[(&str, &str)]) -> String {
        hash(now).why(Some(&hash(last)))
    }

    #[test]
    fn without_a_record_it_was_not_built_here() {
        assert_eq!(hash(&[]).why(None), "not built here before");
    }
}
