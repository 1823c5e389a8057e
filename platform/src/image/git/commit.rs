//! Which commit a reference means.

use std::time::Duration;

use super::address::Address;
use super::program::Git;
use crate::image::Error;
use crate::plain_line::plain_line;

/// How long a repository may take to answer.
const LIMIT: Duration = Duration::from_mins(1);
/// Git's exit status when a repository has no such reference.
const NONE: i32 = 2;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// 40 or 64 hexadecimal digits.
    pub(super) id: String,
    /// The reference that leads to it, in full; `None` where the commit itself was named.
    pub(super) reference: Option<String>,
}

/// Asks the repository, unless the commit itself is named.
pub(super) async fn pin(git: &Git, address: &Address, reference: Option<&str>) -> Result<Commit, Error> {
    let wanted = reference.unwrap_or("HEAD");
    let shown = plain_line(wanted);
    let operation = format!("find {shown}");
    if is_commit(wanted) {
        return Ok(Commit {
            id: wanted.to_ascii_lowercase(),
            reference: None,
        });
    }
    if !is_reference(wanted) {
        let reason = "it is no name of a branch, a tag or a commit";
        return Err(git.refused(&operation, reason));
    }
    let names = names(wanted);
    let mut arguments = vec!["ls-remote", "--exit-code", "--", address.url()];
    arguments.extend(names.iter().map(String::as_str));
    let said = git.run(&operation, &arguments, None, LIMIT).await?;
    let said = match said {
        Ok(said) => said,
        Err(complaint) if complaint.error_code == Some(NONE) => String::new(),
        Err(complaint) => return Err(git.refused(&operation, &complaint.words)),
    };
    choose(&said, &names).ok_or_else(|| {
        let is_short = wanted.len() >= 7 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
        let reason = if is_short {
            "no branch or tag has this name; a commit is written with all its digits"
        } else {
            "no branch or tag has this name"
        };
        git.refused(&operation, reason)
    })
}

/// What a name may stand for, the first that is there.
fn names(wanted: &str) -> Vec<String> {
    if wanted == "HEAD" {
        return vec![wanted.to_owned()];
    }
    if wanted.starts_with("refs/") {
        return vec![format!("{wanted}^{{}}"), wanted.to_owned()];
    }
    vec![
        format!("refs/tags/{wanted}^{{}}"),
        format!("refs/tags/{wanted}"),
        format!("refs/heads/{wanted}"),
    ]
}

/// Git matches the ends of names: only whole ones count.
fn choose(said: &str, names: &[String]) -> Option<Commit> {
    let lines: Vec<(&str, &str)> = said.lines().filter_map(|line| line.split_once('\t')).collect();
    names.iter().find_map(|name| {
        let (id, _) = lines.iter().find(|(id, found)| found == name && is_commit(id))?;
        Some(Commit {
            id: (*id).to_owned(),
            reference: Some(name.trim_end_matches("^{}").to_owned()),
        })
    })
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The rules of `git check-ref-format`, as far as they keep patterns, options and ranges out.
fn is_reference(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    !text.is_empty() && !text.starts_with(['-', '/']) && !text.contains("..") && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[test_case("v1", &[(A, "refs/heads/v1"), (B, "refs/tags/v1")] => Some((B, "refs/tags/v1")); "a tag goes before a branch")]
    #[test_case("v1", &[(A, "refs/tags/v1"), (B, "refs/tags/v1^{}")] => Some((B, "refs/tags/v1")); "the commit of an annotated tag")]
    #[test_case("main", &[(A, "refs/heads/x/refs/heads/main"), (B, "refs/heads/main")] => Some((B, "refs/heads/main")); "whole names only")]
    #[test_case("refs/pull/1/head", &[(A, "refs/pull/1/head")] => Some((A, "refs/pull/1/head")); "a full name")]
    #[test_case("HEAD", &[(A, "HEAD")] => Some((A, "HEAD")); "the default")]
    #[test_case("main", &[(A, "refs/heads/mainly")] => None; "none")]
    fn chosen(wanted: &str, lines: &[(&'static str, &'static str)]) -> Option<(&'static str, &'static str)> {
        let said: Vec<String> = lines.iter().map(|(id, name)| format!("{id}\t{name}\n")).collect();
        let said = said.concat();
        let commit = choose(&said, &names(wanted))?;
        let reference = commit.reference.unwrap();
        let known = lines.iter().find(|(id, _)| *id == commit.id).unwrap().0;
        let reference = lines.iter().find(|(_, name)| *name == reference).unwrap().1;
        Some((known, reference))
    }

    #[test_case("main", true; "a branch")]
    #[test_case("feature/x-1.2_y", true; "with signs")]
    #[test_case("--upload-pack=x", false; "an option")]
    #[test_case("a b", false; "two words")]
    #[test_case("a..b", false; "a range")]
    #[test_case("refs/heads/*", false; "a pattern")]
    #[test_case("", false; "nothing")]
    fn reference(text: &str, expected: bool) {
        assert_eq!(is_reference(text), expected);
    }
}
