//! Checks of single texts.

use std::net::IpAddr;
use std::path::Path;

use super::invalid::quoted;
use super::{Invalid, entry};
use crate::docker::reference::Reference;

pub(crate) use super::mirror::{mirrored_host, upstream, url as registry_url};

/// The reference of an image, given back as written.
pub(crate) fn image(reference: &str) -> Result<String, Invalid> {
    match reference.parse::<Reference>() {
        Ok(_) => Ok(reference.to_owned()),
        Err(error) => Err(Invalid::new(error.to_string())),
    }
}

/// The name of a network, as Docker has names.
pub(crate) fn network(name: &str) -> Result<String, Invalid> {
    if entry::is_volume_name(name) && !RESERVED_NETWORKS.contains(&name) {
        return Ok(name.to_owned());
    }
    let why = if RESERVED_NETWORKS.contains(&name) {
        "containers do not find each other by name on it"
    } else {
        "letters, digits, '_', '.' and '-', the first a letter or digit"
    };
    Err(Invalid::new(format!(
        "{} cannot be the network: {why}",
        quoted(name)
    )))
}

/// Networks of the engine without a name server.
const RESERVED_NETWORKS: [&str; 3] = ["bridge", "host", "none"];

/// A host name: labels of letters, digits and inner hyphens, between dots.
pub(crate) fn host_name(name: &str) -> Result<String, Invalid> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Ok(name.to_owned());
    }
    Err(Invalid::new(format!("{} is no host name", quoted(name))))
}

/// A host name or IP address.
pub(crate) fn host(text: &str) -> Result<String, Invalid> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    host_name(text)
}

/// An IP address of this machine.
pub(crate) fn ip(text: &str) -> Result<IpAddr, Invalid> {
    match text {
        "localhost" => Ok(super::LOOPBACK),
        text => text.parse().map_err(|_| {
            Invalid::new(format!(
                "{} is no IP address, such as 127.0.0.1 or 0.0.0.0",
                quoted(text)
            ))
        }),
    }
}
/// The secret with which nodes join.
pub(crate) fn token(token: &str) -> Result<String, Invalid> {
    let printable = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
    if printable {
        return Ok(token.to_owned());
    }
    // Not shown: it is a secret.
    Err(Invalid::new(
        "the token needs at least one character, all of them printable ASCII without blanks",
    ))
}

/// A bind with the source from `folder` if that begins with `./` or `../`.
pub(crate) fn from_folder(folder: &Path, bind: &str) -> String {
    if bind.starts_with("./") || bind.starts_with("../") {
        let bind = bind.strip_prefix("./").unwrap_or(bind);
        return folder.join(bind).to_string_lossy().into_owned();
    }
    bind.to_owned()
}
