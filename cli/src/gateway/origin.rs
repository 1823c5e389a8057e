//! Which host names the gateway answers to.
//!
//! It listens on loopback only, but a web page from anywhere can make a browser on this machine talk to loopback by
//! pointing a name of its own at 127.0.0.1 (DNS rebinding). Such requests carry that name in `Host`, so only names
//! that mean this machine are served.

use std::net::IpAddr;

use http::{Uri, header, uri::Authority};

/// Whether a request is meant for this machine by name or address.
pub(super) fn is_local(uri: &Uri, headers: &http::HeaderMap) -> bool {
    let from_header = || {
        headers
            .get(header::HOST)?
            .to_str()
            .ok()?
            .parse::<Authority>()
            .ok()
    };
    let Some(authority) = uri.authority().cloned().or_else(from_header) else {
        return false;
    };
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.');
    host.parse::<IpAddr>().is_ok() || is_localhost(&host.to_ascii_lowercase())
}

/// Names under `localhost` always mean loopback (RFC 6761, 6.3). An address cannot be rebound, so any will do.
fn is_localhost(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use test_case::test_case;

    use super::*;

    #[test_case("localhost:8080" => true)]
    #[test_case("LOCALHOST" => true; "names have no case")]
    #[test_case("rating.localhost:8080" => true; "a name under localhost")]
    #[test_case("127.0.0.1:8080" => true; "an address")]
    #[test_case("[::1]:8080" => true; "an address of version 6")]
    #[test_case("evil.example" => false; "a name that may be rebound")]
    #[test_case("localhost.evil.example" => false; "localhost as another's subdomain")]
    #[test_case("" => false; "nothing")]
    fn host(host: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        is_local(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn http2_names_the_host_in_the_target() {
        assert!(is_local(
            &Uri::from_static("http://localhost:8080/x"),
            &HeaderMap::new()
        ));
        assert!(!is_local(
            &Uri::from_static("http://evil.example/x"),
            &HeaderMap::new()
        ));
    }
}
