//! Images that cannot be fetched.

use super::Kind;
use super::finding::{MOMENT, Patience, SECOND_TRY};
use crate::kubernetes::text;

/// What the runtime says about an image that it cannot fetch.
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) patience: Patience,
    /// What is so, with the image's name.
    pub(super) words: String,
}

/// What a waiting container's reason and message mean for `image`; `None` when it does not wait for an image.
pub(super) fn trouble(reason: &str, message: &str, image: &str) -> Option<Trouble> {
    let image = text::line(image);
    let why = essence(message);
    let (kind, patience, words) = match reason {
        "InvalidImageName" => (
            Kind::ImageName,
            Patience::None,
            format!("{image} is no image's name: {why}"),
        ),
        "ErrImageNeverPull" => (
            Kind::ImageNotFound,
            Patience::None,
            format!("image {image} is not on the node, and the pull policy is Never"),
        ),
        "ErrImagePull" | "ImagePullBackOff" | "ImageInspectError" | "RegistryUnavailable" => {
            pull(&image, &why)
        }
        _ => return None,
    };
    Some(Trouble {
        kind,
        patience,
        words,
    })
}

fn pull(image: &str, why: &str) -> (Kind, Patience, String) {
    let lower = why.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if says(&["no match for platform", "does not match the specified platform"]) {
        let words = format!("image {image} is not made for the node's kind of machine: {why}");
        (Kind::ImagePlatform, Patience::None, words)
    } else if says(&[
        // Not the bare numbers: they are in digests, ports and addresses too.
        "code 401",
        "code 403",
        "unauthorized",
        "forbidden",
        "denied",
        "insufficient_scope",
        "authorization failed",
        "no basic auth",
    ]) {
        let words = format!("the registry refuses image {image} to this cluster: {why}");
        (Kind::ImageRefused, Patience::None, words)
    } else if says(&[
        "not found",
        "manifest unknown",
        "manifest_unknown",
        "name unknown",
        "name_unknown",
    ]) {
        (
            Kind::ImageNotFound,
            Patience::None,
            format!("the registry has no image {image}"),
        )
    } else if lower.contains("connection refused") && is_of_this_machine(image) {
        let host = image.split('/').next().unwrap_or(image);
        let words = format!(
            "the registry has no image {image}: the nodes' mirror of {host} does not have it, and {host} itself does not answer inside a node"
        );
        (Kind::ImageNotFound, Patience::For(MOMENT), words)
    } else if why.is_empty() {
        let words = format!("image {image} cannot be fetched");
        (Kind::ImagePull, Patience::For(SECOND_TRY), words)
    } else {
        let words = format!("image {image} cannot be fetched: {why}");
        (Kind::ImagePull, Patience::For(SECOND_TRY), words)
    }
}

/// Whether the registry is named by an address that means another machine on every machine: nodes only know it through a
/// mirror, and try the address itself after the mirror has said that it has no such image.
fn is_of_this_machine(image: &str) -> bool {
    let host = image.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.starts_with("127.") || name == "[::1]"
}

/// The innermost cause: each layer of the runtime puts what it was doing before what it was told.
fn essence(message: &str) -> String {
    let mut rest = message;
    for layer in [
        "ErrImagePull: ",
        "failed to pull and unpack image ",
        "failed to resolve reference ",
        "failed to resolve image: ",
        "failed to do request: ",
    ] {
        if let Some((_, after)) = rest.split_once(layer) {
            rest = after;
        }
    }
    // What was resolved stands in quotes before the cause.
    if let Some((_, after)) = rest.strip_prefix('"').and_then(|rest| rest.split_once("\": ")) {
        rest = after;
    }
    if rest.starts_with("Back-off pulling image") {
        rest = "";
    }
    text::line(rest)
}
