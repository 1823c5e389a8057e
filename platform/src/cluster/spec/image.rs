//! References of images: `[host[:port]/]path[:tag][@sha256:digest]`.

use super::Invalid;
use super::invalid::quoted;

/// The host that a reference without one means.
const DEFAULT_HOST: &str = "docker.io";
/// Where images without a folder lie on [`DEFAULT_HOST`].
const DEFAULT_FOLDER: &str = "library";

/// Checks a reference and gives it back as written.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(reference: &str) -> Result<String, Invalid> {
    let complain = |why: &str| Invalid::new(format!("{} is no image: {why}", quoted(reference)));
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err(complain("the digest is 'sha256:' and 64 hexadecimal digits"));
    }
    let (host, rest) = split_host(rest);
    if host.is_some_and(|host| super::mirror::host_and_port(host).is_err()) {
        return Err(complain("the registry is a host name, perhaps with a port"));
    }
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(complain(
            "a tag has at most 128 letters, digits, '_', '.' and '-', and begins with neither '.' nor '-'",
        ));
    }
    if path.len() > 255 || !path.split('/').all(is_component) {
        return Err(complain(
            "a name is lowercase letters and digits, with single '.', '_' or '-' between them",
        ));
    }
    Ok(reference.to_owned())
}

/// The one way to write a reference: with the host, the folder and a tag.
pub(crate) fn normal(reference: &str) -> String {
    let (host, rest) = split_host(reference);
    let host = host
        .filter(|host| *host != "index.docker.io")
        .unwrap_or(DEFAULT_HOST);
    let folder = if host == DEFAULT_HOST && !rest.contains('/') {
        format!("{DEFAULT_FOLDER}/")
    } else {
        String::new()
    };
    let tag = if rest.contains([':', '@']) { "" } else { ":latest" };
    format!("{host}/{folder}{rest}{tag}")
}

/// The first part is a host if it looks like one: with a dot, a port, or `localhost`.
fn split_host(reference: &str) -> (Option<&str>, &str) {
    match reference.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, reference),
    }
}

fn is_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn is_tag(tag: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (1..=128).contains(&tag.len()) && tag.chars().all(inner) && !tag.starts_with(['.', '-'])
}

/// Lowercase letters and digits; between them one `.`, one or two `_`, or any number of `-`.
fn is_component(component: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator =
        |between: &str| matches!(between, "" | "." | "_" | "__") || between.chars().all(|c| c == '-');
    component.starts_with(plain) && component.ends_with(plain) && component.split(plain).all(separator)
}
