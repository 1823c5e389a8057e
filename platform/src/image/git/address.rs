//! A repository's URL.

use crate::image::Error;
use crate::plain_line::plain_line;

/// What git is given, and what people are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    url: String,
    shown: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let shown = plain_line(&without_credentials(url));
        let reason = if url.is_empty() {
            "it is empty"
        } else if url.starts_with('-') {
            "it begins with -, like an option"
        } else if url.chars().any(char::is_control) {
            "it has control characters"
        } else if url
            .split_once("::")
            .is_some_and(|(helper, _)| !helper.contains(['/', ':']))
        {
            "it names a program that git would run"
        } else {
            let url = url.to_owned();
            return Ok(Self { url, shown });
        };
        Err(Error::Git {
            operation: format!("use the URL '{shown}'"),
            reason: reason.to_owned(),
        })
    }

    /// For git, with whatever credentials are in it.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// For people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

/// A text in which URLs show no names and passwords.
pub(super) fn without_credentials(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after
            .find(|c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace())
            .unwrap_or(after.len());
        // ssh://git@host has a name and nothing secret.
        let host = match after[..end].rfind('@') {
            Some(at) if after[..at].contains(':') || !before.ends_with("ssh") => at + 1,
            _ => 0,
        };
        shown.push_str(&after[host..end]);
        rest = &after[end..];
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("https://git.example/a.git" => "https://git.example/a.git"; "plain")]
    #[test_case("https://me:secret@git.example:8443/a" => "https://git.example:8443/a"; "a password")]
    #[test_case("https://token@git.example/a@b" => "https://git.example/a@b"; "a token")]
    #[test_case("ssh://git@git.example/a" => "ssh://git@git.example/a"; "a name for ssh")]
    #[test_case("git@git.example:a" => "git@git.example:a"; "the short form")]
    #[test_case("fatal: 'https://a:b@c/d': no, https://e:f@g" => "fatal: 'https://c/d': no, https://g"; "in a sentence")]
    fn shown(text: &str) -> String {
        without_credentials(text)
    }

    #[test_case("--upload-pack=touch /tmp/x" => "git cannot use the URL '--upload-pack=touch /tmp/x': it begins with -, like an option"; "an option")]
    #[test_case("ext::sh -c id" => "git cannot use the URL 'ext::sh -c id': it names a program that git would run"; "a program")]
    #[test_case("" => "git cannot use the URL '': it is empty"; "nothing")]
    #[test_case("https://a/\nb" => "git cannot use the URL 'https://a/\\u{a}b': it has control characters"; "two lines")]
    fn refused(url: &str) -> String {
        Address::parse(url).unwrap_err().to_string()
    }

    #[test_case("https://[::1]:8080/a"; "an address of IPv6")]
    #[test_case("ssh://git@[fe80::1]/a"; "another")]
    #[test_case("../repository"; "a folder")]
    fn taken(url: &str) {
        assert_eq!(Address::parse(url).unwrap().url(), url);
    }
}
