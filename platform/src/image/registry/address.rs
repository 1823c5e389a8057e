//! Where a registry is, and what a repository is called there.

use std::net::IpAddr;

use crate::docker::reference::{DEFAULT_REGISTRY, Reference};

/// The host that serves what is called `docker.io`.
const DEFAULT_HOST: &str = "registry-1.docker.io";

/// A registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// As people name it and as Docker keeps its credentials: `localhost:5000`, `docker.io`.
    pub(super) host: String,
    /// Whether it is spoken to in the clear.
    pub(super) plain: bool,
}

impl Address {
    /// The registry, and the name of the repository in it.
    pub(super) fn of(registry: &str, name: &str) -> Result<(Self, String), String> {
        let (plain, rest) = match registry.split_once("://") {
            None => (None, registry),
            Some(("http", rest)) => (Some(true), rest),
            Some(("https", rest)) => (Some(false), rest),
            Some((scheme, _)) => {
                return Err(format!(
                    "a registry speaks http or https, not '{}'",
                    crate::plain_line::plain_line(scheme)
                ));
            }
        };
        let image = format!("{}/{name}", rest.trim_end_matches('/'));
        let reference: Reference = image
            .parse()
            .map_err(|error: crate::docker::reference::Error| error.to_string())?;
        let host = reference.registry().to_owned();
        let plain = plain.unwrap_or_else(|| is_loopback(&host));
        Ok((Self { host, plain }, reference.repository().to_owned()))
    }

    /// The URL of a path there.
    pub(super) fn url(&self, path: &str) -> String {
        let scheme = if self.plain { "http" } else { "https" };
        let host = if self.host == DEFAULT_REGISTRY {
            DEFAULT_HOST
        } else {
            &self.host
        };
        format!("{scheme}://{host}{path}")
    }
}

/// Whether only this machine reaches it.
fn is_loopback(host: &str) -> bool {
    let name = match host.rfind(']') {
        Some(end) => host[..end].trim_start_matches('['),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("localhost:5000", "proxy" => "http://localhost:5000/ proxy"; "loopback by name")]
    #[test_case("127.0.0.1:5000/team", "proxy" => "http://127.0.0.1:5000/ team/proxy"; "loopback by address")]
    #[test_case("[::1]:5000", "proxy" => "http://[::1]:5000/ proxy"; "loopback by its newer address")]
    #[test_case("registry.example/team/", "a/b" => "https://registry.example/ team/a/b"; "a folder")]
    #[test_case("http://10.0.0.7:5000", "proxy" => "http://10.0.0.7:5000/ proxy"; "in the clear when asked")]
    #[test_case("https://localhost:5000", "proxy" => "https://localhost:5000/ proxy"; "by TLS when asked")]
    #[test_case("localhost.example:5000", "proxy" => "https://localhost.example:5000/ proxy"; "a name that begins alike")]
    #[test_case("docker.io/me", "proxy" => "https://registry-1.docker.io/ me/proxy"; "the Hub")]
    fn registries(registry: &str, name: &str) -> String {
        let (address, name) = Address::of(registry, name).unwrap();
        format!("{} {name}", address.url("/"))
    }

    #[test_case("ftp://a.example"; "another scheme")]
    #[test_case("localhost:port"; "no port")]
    #[test_case(""; "nothing")]
    fn what_is_no_registry_is_refused(registry: &str) {
        assert!(Address::of(registry, "Proxy").is_err());
    }
}
