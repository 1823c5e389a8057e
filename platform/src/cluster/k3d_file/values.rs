//! Single values of k3d's file.

use std::time::Duration;

use contract::definition::Nanos;

use crate::cluster::spec::{DEFAULT_IMAGE, Invalid, port_number, quoted, text};

/// A number of nodes.
pub(super) fn count(text: &str) -> Result<u32, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new(format!("{} is no number of nodes", quoted(text))))
}

/// A port of this machine; 0 for any free one.
pub(super) fn port_or_any(text: &str) -> Result<u16, Invalid> {
    match text {
        "" | "0" | "random" => Ok(0),
        text => port_number(text),
    }
}

/// An image, not one of k3d's words for whichever is newest.
pub(super) fn image(reference: &str) -> Result<String, Invalid> {
    if matches!(reference, "latest" | "stable") || reference.starts_with('+') {
        return Err(Invalid::new(format!(
            "{} is a channel of k3s, which is not looked up: name an image, such as {}",
            quoted(reference),
            DEFAULT_IMAGE
        )));
    }
    text::image(reference)
}

/// How long something may take; `None` for no limit.
pub(super) fn time_limit(text: &str) -> Result<Option<Duration>, Invalid> {
    if matches!(text, "" | "0") {
        return Ok(None);
    }
    let limit = text
        .parse::<Nanos>()
        .map_err(|error| Invalid::new(error.to_string()))?
        .duration();
    Ok(Some(limit).filter(|limit| !limit.is_zero()))
}

/// `key=value`, perhaps without a value.
pub(super) fn node_label(label: &str) -> Result<&str, Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let (key, value) = label.split_once('=').unwrap_or((label, ""));
    if key.is_empty() || !key.chars().all(plain) || !value.chars().all(plain) {
        return Err(Invalid::new(format!(
            "{} is no label of a node: write key=value",
            quoted(label)
        )));
    }
    Ok(label)
}
