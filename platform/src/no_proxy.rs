//! `NO_PROXY`: which hosts go past a proxy, as Go programs (Docker, kubectl, containerd) read it.

use std::net::IpAddr;

/// The exceptions of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NoProxy(Vec<Exception>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    Everything,
    /// A host and everything below it.
    Host(String),
    /// Only what is below it.
    Below(String),
    Network(IpAddr, u8),
}

impl NoProxy {
    /// Reads a list such as `localhost,.svc,10.43.0.0/16`; what cannot be understood is passed over.
    pub(crate) fn parse(list: &str) -> Self {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Self(entries.map(exception).collect())
    }

    /// Whether a host name or address goes past the proxy.
    pub(crate) fn exempts(&self, host: &str) -> bool {
        let address: Option<IpAddr> = host.parse().ok();
        // Go itself never sends these through a proxy.
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        self.0.iter().any(|exception| match (exception, address) {
            (Exception::Everything, _) => true,
            (Exception::Host(name), _) => host == name || is_below(host, name),
            (Exception::Below(name), _) => is_below(host, name),
            (Exception::Network(network, bits), Some(address)) => contains(*network, *bits, address),
            (Exception::Network(..), None) => false,
        })
    }
}

fn exception(entry: &str) -> Exception {
    if entry == "*" {
        return Exception::Everything;
    }
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse(), bits.parse())
    {
        return Exception::Network(network, bits);
    }
    let entry = entry.to_ascii_lowercase();
    let host = match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.parse::<u16>().is_ok() => host,
        _ => &entry,
    };
    match host.strip_prefix("*.").or_else(|| host.strip_prefix('.')) {
        Some(name) => Exception::Below(name.to_owned()),
        None => Exception::Host(host.to_owned()),
    }
}

fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let prefix = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let mask = u128::MAX
        .checked_shl(128 - u32::from(bits.min(128)))
        .unwrap_or_default();
    network.is_ipv4() == address.is_ipv4() && prefix(network) & mask == prefix(address) & mask
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("", "localhost" => true; "go knows localhost")]
    #[test_case("", "127.0.0.1" => true; "go knows loopback")]
    #[test_case("", "10.43.0.1" => false; "nothing else")]
    #[test_case("10.43.0.0/16", "10.43.0.1" => true; "inside a network")]
    #[test_case("10.43.0.0/16", "10.44.0.1" => false; "outside a network")]
    #[test_case("0.0.0.0/0", "10.44.0.1" => true; "every address of version 4")]
    #[test_case("::/0", "10.44.0.1" => false; "every address of version 6")]
    #[test_case("10.43.0.1", "10.43.0.1" => true; "an address")]
    #[test_case("svc", "kubernetes.default.svc" => true; "a host and what is below")]
    #[test_case(".svc", "kubernetes.default.svc" => true; "what is below")]
    #[test_case("*.svc", "kubernetes.default.svc" => true; "what is below with a star")]
    #[test_case(".svc", "svc" => false; "not the host itself")]
    #[test_case("vc", "kubernetes.default.svc" => false; "not the end of a word")]
    #[test_case(" dev-registry:5000 , b", "dev-registry" => true; "a port and spaces")]
    #[test_case("Dev-Registry", "dev-registry" => true; "capitals")]
    #[test_case("*", "example.org" => true; "everything")]
    #[test_case("10.0.0.0/99", "10.0.0.0" => true; "a mask longer than an address")]
    fn past_the_proxy(list: &str, host: &str) -> bool {
        NoProxy::parse(list).exempts(host)
    }
}
