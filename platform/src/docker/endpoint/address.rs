//! The addresses an engine can have, and which of them we speak.

use std::fmt;
use std::path::PathBuf;

use super::error::{Rejection, Transport};

/// The port of an engine without TLS.
const PLAIN_PORT: u16 = 2375;
/// The port that is TLS by convention.
const TLS_PORT: u16 = 2376;

/// An engine's address, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// HTTP without TLS.
    Http {
        /// A host name or IP address; an IPv6 address in brackets.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Address {
    /// Reads an address as Docker's own programs write it; `tls` when its other settings ask for TLS.
    pub(in crate::docker) fn parse(address: &str, tls: bool) -> Result<Self, Rejection> {
        let address = address.trim();
        let (scheme, rest) = match address.split_once("://") {
            Some(parts) => parts,
            None if address.starts_with('/') => return Err(Rejection::PathOnly),
            // As the docker CLI reads it.
            None => ("tcp", address),
        };
        match scheme {
            "unix" => Self::unix(rest),
            "tcp" | "http" => Self::http(rest, tls && scheme == "tcp"),
            "https" => Err(Rejection::Transport(Transport::Tls)),
            "ssh" => Err(Rejection::Transport(Transport::Ssh(rest.to_owned()))),
            "npipe" => Err(Rejection::Transport(Transport::NamedPipe)),
            _ => Err(Rejection::Scheme),
        }
    }

    fn unix(path: &str) -> Result<Self, Rejection> {
        if path.is_empty() {
            return Err(Rejection::NoHost);
        }
        if !path.starts_with('/') {
            return Err(Rejection::RelativePath);
        }
        Ok(Self::Unix(PathBuf::from(path)))
    }

    fn http(authority: &str, tls: bool) -> Result<Self, Rejection> {
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split(authority)?;
        if tls || port == TLS_PORT {
            return Err(Rejection::Transport(Transport::Tls));
        }
        Ok(Self::Http {
            host: host.to_owned(),
            port,
        })
    }
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`.
fn split(authority: &str) -> Result<(&str, u16), Rejection> {
    let end_of_host = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end_of_host);
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => PLAIN_PORT,
        Some(digits) => digits
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or(Rejection::Port)?,
        None => return Err(Rejection::Port),
    };
    if host.is_empty() {
        return Err(Rejection::NoHost);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let well_formed = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.chars().all(allowed),
    };
    if well_formed {
        Ok((host, port))
    } else {
        Err(Rejection::Host)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Http { host, port } => write!(f, "tcp://{host}:{port}"),
        }
    }
}
