//! Whom a client counts for.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// A household or a machine has this many bits of its own in version 6.
const NETWORK: u128 = !0 << 64;

/// The address that the first of `hops` trusted gateways saw. The last one in the field is the other end of this connection, noted by
/// the proxy itself.
pub(super) fn of(headers: &HeaderMap, peer: IpAddr, hops: usize) -> IpAddr {
    match forwarded(headers, hops).unwrap_or(peer).to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
        address @ IpAddr::V4(_) => address,
    }
}

/// The entry that has `behind` others after it: only those at the end were written by gateways of ours.
fn forwarded(headers: &HeaderMap, behind: usize) -> Option<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut entries = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    entries.nth(behind)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use test_case::test_case;

    #[test_case("6.6.6.6, 10.0.0.1", 0 => "10.0.0.1"; "nobody is believed")]
    #[test_case("6.6.6.6, 192.0.2.7, 10.0.0.1", 1 => "192.0.2.7"; "what the gateway wrote, not what the client claims")]
    #[test_case("192.0.2.7, 10.0.0.9, 10.0.0.1", 2 => "192.0.2.7"; "two gateways")]
    #[test_case("192.0.2.7, 10.0.0.1", 2 => "10.0.0.1"; "fewer gateways than told")]
    #[test_case("nonsense, 10.0.0.1", 1 => "10.0.0.1"; "no address")]
    #[test_case("2001:db8:1:2:3:4:5:6, 10.0.0.1", 1 => "2001:db8:1:2::"; "a network of version 6")]
    #[test_case("::ffff:192.0.2.7, 10.0.0.1", 1 => "192.0.2.7"; "version 4 in version 6")]
    fn counted(line: &'static str, hops: usize) -> String {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        of(&headers, "10.0.0.1".parse().unwrap(), hops).to_string()
    }
}
