//! Checks of single values, with the place of what is wrong.

use std::time::Duration;

use contract::definition::Nanos;

use serde_json::{Value, json};

use crate::cluster::spec::{Invalid, quoted};
use crate::docker::reference::Reference;
use crate::project::yaml::{Complaint, Spanned};

/// Characters of a label of Kubernetes.
const LONGEST_NAME: usize = 63;

/// The value if `check` likes it.
pub(super) fn checked<T>(
    text: &Spanned<String>,
    check: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<T, Complaint> {
    check(&text.value).map_err(|error| (text.referenced, error.to_string()))
}

/// As [`checked`], of what may be absent.
pub(super) fn optional<T>(
    text: Option<&Spanned<String>>,
    check: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<Option<T>, Complaint> {
    text.map(|text| checked(text, check)).transpose()
}

/// A name as Kubernetes has them for namespaces and labels.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edge = text.starts_with('-') || text.ends_with('-');
    (1..=LONGEST_NAME).contains(&text.len()) && !edge && text.chars().all(allowed)
}

/// What [`is_name`] asks, for the schema.
pub(super) fn name_schema() -> Value {
    json!({"pattern": NAME_PATTERN})
}

/// As [`name_schema`], for the items of a list.
pub(super) fn name_items() -> Value {
    json!({"type": "string", "pattern": NAME_PATTERN})
}

/// As [`name_schema`], for names of components.
pub(super) fn component_name_schema() -> Value {
    json!({"pattern": NAME_PATTERN, "not": {"const": "all"}})
}

/// What [`is_name`] asks.
pub(super) const NAME_PATTERN: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
/// What [`sha256`] asks.
pub(super) const SHA256_PATTERN: &str = "^(sha256:)?[0-9a-f]{64}$";
/// What [`duration`] asks, but for zero.
pub(super) const DURATION_PATTERN: &str = "^([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|ns))+$";
/// What [`web_url`] asks first.
pub(super) const URL_PATTERN: &str = "^https?://[^/@?#]+([/?#].*)?$";
/// What [`uid`] asks.
pub(super) const UID_PATTERN: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
/// What [`registry`] asks first: a host with a dot or a port, or `localhost`.
pub(super) const REGISTRY_PATTERN: &str =
    "^(localhost|[^/:]*[.][^/:]*(:[0-9]+)?|[^/:]+:[0-9]+)(/[a-z0-9._/-]+)?$";
/// What [`repository`] asks first.
pub(super) const REPOSITORY_PATTERN: &str = "^[a-z0-9]+([._/-]+[a-z0-9]+)*$";
/// What [`exact_version`] asks.
pub(super) const VERSION_PATTERN: &str = "^=?[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?$";

/// A name of the kind `what`, such as `a namespace`.
pub(super) fn name(what: &str, text: &str) -> Result<String, Invalid> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no name of {what}: 1 to 63 lowercase letters, digits and inner hyphens",
        quoted(text)
    )))
}

/// A SHA-256 in hexadecimal digits.
pub(super) fn sha256(text: &str) -> Result<String, Invalid> {
    let bare = text.strip_prefix("sha256:").unwrap_or(text);
    let hexadecimal = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
    if bare.len() == 64 && bare.chars().all(hexadecimal) {
        return Ok(bare.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no SHA-256: 64 lowercase hexadecimal digits, as `sha256sum` prints them",
        quoted(text)
    )))
}

/// `http://` or `https://` and a host; nothing that moves.
pub(super) fn pinned_url(text: &str) -> Result<String, Invalid> {
    web_url(text)?;
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if path.split('/').any(|segment| segment == "latest") {
        return Err(Invalid::new(format!(
            "{} moves: write the address of one version in place of 'latest'",
            quoted(text)
        )));
    }
    Ok(text.to_owned())
}

/// `http://` or `https://`, a host, and no password.
pub(super) fn web_url(text: &str) -> Result<String, Invalid> {
    let complain = |why: &str| Err(Invalid::new(format!("{} is no URL: {why}", quoted(text))));
    let scheme = ["https://", "http://"];
    let Some(rest) = scheme.iter().find_map(|scheme| text.strip_prefix(scheme)) else {
        return complain("it begins with https:// or http://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        // Not shown: there may be a password in it.
        return Err(Invalid::new("names and passwords do not belong into a URL"));
    }
    if authority.is_empty() || text.parse::<http::Uri>().is_err() {
        return complain("it has no host, or characters that none has");
    }
    Ok(text.to_owned())
}

/// The repository of an image, without registry, tag and digest.
pub(super) fn repository(text: &str) -> Result<String, Invalid> {
    let complain = |why: &str| Err(Invalid::new(format!("{} is no image name: {why}", quoted(text))));
    if text.contains([':', '@']) {
        return complain("write it without registry, tag and digest; ratectl adds them");
    }
    match format!("localhost/{text}").parse::<Reference>() {
        Ok(reference) if reference.repository() == text => Ok(text.to_owned()),
        _ => complain("lowercase letters and digits, with '.', '_', '-' or '/' between them"),
    }
}

/// Where images are pushed to: a registry, perhaps with a path.
pub(super) fn registry(text: &str) -> Result<String, Invalid> {
    let complain = |why: &str| Err(Invalid::new(format!("{} is no registry: {why}", quoted(text))));
    if text.contains("://") {
        return complain("write it without a scheme, as in registry.example/team");
    }
    let host = text.split('/').next().unwrap_or_default();
    if !host.contains(['.', ':']) && host != "localhost" {
        return complain("it begins with a host that has a dot or a port, as in registry.example/team");
    }
    match format!("{text}/image").parse::<Reference>() {
        Ok(reference) if reference.name() == format!("{text}/image") => Ok(text.to_owned()),
        _ => complain("a host, perhaps a port and a path, as in localhost:5000 or registry.example/team"),
    }
}

/// A UUID, as Kubernetes writes them.
pub(super) fn uid(text: &str) -> Result<String, Invalid> {
    let groups: Vec<&str> = text.split('-').collect();
    let hexadecimal = |group: &&str| group.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths == [8, 4, 4, 4, 12] && groups.iter().all(hexadecimal) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no UID, as `kubectl get namespace kube-system -o jsonpath='{{.metadata.uid}}'` prints it",
        quoted(text)
    )))
}

/// A time limit; not zero.
pub(super) fn duration(text: &str) -> Result<Duration, Invalid> {
    let nanos: Nanos = text
        .parse()
        .map_err(|error: contract::definition::DurationError| Invalid::new(error.to_string()))?;
    if nanos.get() == 0 {
        return Err(Invalid::new(
            "no time at all is no limit; leave it out for the default",
        ));
    }
    Ok(nanos.duration())
}

/// An exact version, `1.2.3`, given with or without `=`.
pub(super) fn exact_version(text: &str) -> Result<String, Invalid> {
    let version = text.strip_prefix('=').unwrap_or(text).trim();
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if core.split('.').count() == 3 && core.split('.').all(number) && version.chars().all(plain) {
        return Ok(version.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no exact version, such as 1.2.3",
        quoted(text)
    )))
}

/// A text that says something: not empty, one line, and not taken for a flag by the program that gets it.
pub(super) fn word(what: &str, text: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(format!("{what} is empty")));
    }
    if text.starts_with('-') || text.chars().any(char::is_control) {
        return Err(Invalid::new(format!("{} cannot be {what}", quoted(text))));
    }
    Ok(text.to_owned())
}
