//! Who serves the images of other registries.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::invalid::quoted;
use super::{Invalid, Name, port, text};

/// Stands for every registry that is not named.
pub const ANY_HOST: &str = "*";
/// The longest name of a container that other containers find: a label of a host name.
const MAX_CONTAINER_NAME: usize = 63;

/// Who serves the images of another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mirror {
    /// The cluster's own registry.
    Registry,
    /// A registry container that fetches from this URL what it does not have, and keeps it.
    PullThrough(String),
    /// Registries that run already, by URL, in the order they are asked.
    Endpoints(Vec<String>),
}

/// Such as `the registry` or `pull-through from https://registry-1.docker.io`.
impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("the registry"),
            Self::PullThrough(upstream) => write!(f, "pull-through from {upstream}"),
            Self::Endpoints(urls) => f.write_str(&urls.join(", ")),
        }
    }
}

/// A registry container of the cluster that fetches what it does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullThrough {
    /// Whose images it serves, such as `docker.io`.
    pub host: String,
    /// The container's name, which is its host name on the cluster's network.
    pub name: String,
    /// Where it fetches from, such as `https://registry-1.docker.io`.
    pub upstream: String,
}

impl PullThrough {
    pub(super) fn new(cluster: &Name, host: &str, upstream: &str) -> Self {
        let label: String = host
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect();
        Self {
            host: host.to_owned(),
            name: format!("{}-mirror-{label}", cluster.context()),
            upstream: upstream.to_owned(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        if self.name.len() > MAX_CONTAINER_NAME {
            return Err(Invalid::new(format!(
                "{} is too long for a pull-through registry: its container would be {}, and {MAX_CONTAINER_NAME} characters are the limit",
                quoted(&self.host),
                self.name
            )));
        }
        Ok(())
    }
}

/// Checks whose images are meant: a host, perhaps with a port, or `*`.
pub(crate) fn mirrored_host(host: &str) -> Result<String, Invalid> {
    if host == ANY_HOST {
        return Ok(host.to_owned());
    }
    host_and_port(host).map_err(|_| {
        Invalid::new(format!(
            "{} is no registry: write its host, perhaps with a port, such as docker.io, or '*' for all others",
            quoted(host)
        ))
    })?;
    Ok(host.to_owned())
}

/// Checks the URL of a registry: `http://` or `https://`, a host, perhaps a port and a path.
pub(crate) fn url(url: &str) -> Result<String, Invalid> {
    let complain = |why: &str| {
        Err(Invalid::new(format!(
            "{} is no registry's URL: {why}",
            quoted(url)
        )))
    };
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return complain("it begins with http:// or https://");
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        // Not shown: it may be a password.
        return Err(Invalid::new(
            "a name and a password have no place in a registry's URL",
        ));
    }
    if host_and_port(authority).is_err() {
        return complain("behind the slashes stands a host, perhaps with a port");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    if !path.chars().all(plain) {
        return complain("the path has letters, digits, '-', '.', '_', '~' and '/'");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The URL a pull-through registry fetches from.
pub(crate) fn upstream(text: &str) -> Result<String, Invalid> {
    let url = url(text)?;
    let (_, host) = url.split_once("://").unwrap_or_default();
    if matches!(host, "docker.io" | "index.docker.io" | "hub.docker.com") {
        return Err(Invalid::new(format!(
            "{} serves no images: those of docker.io come from https://registry-1.docker.io",
            quoted(text)
        )));
    }
    Ok(url)
}

/// A host name or IP address (IPv6 in brackets), perhaps with `:PORT`.
pub(crate) fn host_and_port(text: &str) -> Result<(), Invalid> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').unwrap_or((rest, "x"));
        let port_fits = rest.is_empty()
            || rest
                .strip_prefix(':')
                .is_some_and(|port| port::number(port).is_ok());
        if address.parse::<Ipv6Addr>().is_ok() && port_fits {
            return Ok(());
        }
        return Err(Invalid::new(format!("{} is no host", quoted(text))));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if let Some(port) = port {
        port::number(port)?;
    }
    if host.parse::<Ipv4Addr>().is_err() {
        text::host_name(host)?;
    }
    Ok(())
}
