//! Image references: `[registry/]repository[:tag][@digest]`, with Docker's defaults (`docker.io`, `library/`, `latest`).

use std::fmt;
use std::str::FromStr;

/// The registry of a reference that names none.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// The tag of a reference that names neither tag nor digest.
pub const DEFAULT_TAG: &str = "latest";
/// Characters of registry and repository together.
const LONGEST_NAME: usize = 255;
/// Characters of a tag.
const LONGEST_TAG: usize = 128;

/// An image by name, complete.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Host and perhaps port, as in `localhost:5000`.
    registry: String,
    /// Such as `library/registry`.
    repository: String,
    /// Such as `3`.
    tag: Option<String>,
    /// Such as `sha256:9f1…`.
    digest: Option<String>,
}

/// It is no image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{}' is no image reference: {reason}",
    crate::plain_line::plain_line(reference)
)]
pub struct Error {
    /// What was given.
    pub reference: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Reference {
    /// Host and perhaps port of the registry.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository in the registry, such as `library/registry`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` where neither tag nor digest is named.
    pub fn tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (None, None) => Some(DEFAULT_TAG),
            (tag, _) => tag.as_deref(),
        }
    }

    /// The digest, where one is named.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Registry and repository, as in `docker.io/library/registry`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(reference: &str) -> Result<Self, Error> {
        parse(reference).map_err(|reason| Error {
            reference: reference.to_owned(),
            reason,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn parse(reference: &str) -> Result<Reference, &'static str> {
    if reference.is_empty() {
        return Err("it is empty");
    }
    if reference.contains("://") {
        return Err("it begins with a registry's host, not with a scheme");
    }
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    // A colon before the last slash belongs to a port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let (registry, repository) = split(name);
    check_registry(registry)?;
    check_repository(repository)?;
    if name.len() > LONGEST_NAME {
        return Err("its name is longer than 255 characters");
    }
    tag.map_or(Ok(()), check_tag)?;
    digest.map_or(Ok(()), check_digest)?;
    if is_hex(name, 64) && tag.is_none() && digest.is_none() {
        return Err("it is an image's id; write it as sha256:…");
    }
    let official = registry == DEFAULT_REGISTRY && !repository.contains('/');
    Ok(Reference {
        registry: registry.to_owned(),
        repository: if official {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        },
        tag: tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
    })
}

/// The first part is a registry if it can be no part of a repository, or is `localhost`.
fn split(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some(("index.docker.io", repository)) => (DEFAULT_REGISTRY, repository),
        Some((first, repository))
            if first.contains(['.', ':', '[']) || first == "localhost" || has_upper(first) =>
        {
            (first, repository)
        }
        _ => (DEFAULT_REGISTRY, name),
    }
}

fn has_upper(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
}

fn check_registry(registry: &str) -> Result<(), &'static str> {
    let (host, port) = match registry.rfind(']') {
        Some(end) => registry.split_at(end + 1),
        None => registry.split_at(registry.find(':').unwrap_or(registry.len())),
    };
    if let Some(port) = port.strip_prefix(':') {
        if !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err("the registry's port is no number from 1 to 65535");
        }
    } else if !port.is_empty() {
        return Err("the registry is no host name");
    }
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(inner)
    };
    let good = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(label),
    };
    if good {
        Ok(())
    } else {
        Err("the registry is no host name")
    }
}

fn check_repository(repository: &str) -> Result<(), &'static str> {
    if repository.is_empty() {
        return Err("it names no repository");
    }
    if has_upper(repository) {
        return Err("a repository's name is in lowercase");
    }
    if repository.split('/').all(is_path_component) {
        Ok(())
    } else {
        Err(
            "a repository's name is made of lowercase letters and digits, with single . _ - or __ between them",
        )
    }
}

/// Letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = component
        .split(alphanumeric)
        .filter(|separator| !separator.is_empty());
    component.starts_with(alphanumeric)
        && component.ends_with(alphanumeric)
        && separators
            .all(|separator| matches!(separator, "." | "_" | "__") || separator.chars().all(|c| c == '-'))
}

fn check_tag(tag: &str) -> Result<(), &'static str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let good = tag.starts_with(word) && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'));
    match tag {
        "" => Err("the tag behind : is empty"),
        _ if tag.len() > LONGEST_TAG => Err("the tag is longer than 128 characters"),
        _ if good => Ok(()),
        _ => Err("a tag is made of letters, digits, _ . and -, and begins with none of the last two"),
    }
}

fn check_digest(digest: &str) -> Result<(), &'static str> {
    match digest.split_once(':') {
        Some(("sha256", hex)) if is_hex(hex, 64) => Ok(()),
        Some(("sha512", hex)) if is_hex(hex, 128) => Ok(()),
        _ => Err("a digest is sha256: and 64 hexadecimal digits"),
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[cfg(test)]
mod tests;
