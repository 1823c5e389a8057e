//! NATS header names of the contract, and which HTTP headers travel.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

pub mod names;

/// Reads the headers of one NATS message. Names are case-sensitive, as they are on the server.
pub trait HeaderSource {
    /// The first value under `name`.
    fn first(&self, name: &str) -> Option<&str>;
    /// Calls `visit` with each name and value; values of one name come in their order on the wire.
    fn each(&self, visit: &mut dyn FnMut(&str, &str));
}

/// Collects the headers of a NATS message about to be sent.
pub trait HeaderSink {
    /// Adds a line; earlier lines of the same name stay.
    fn append(&mut self, name: &str, value: &str);
}

impl HeaderSource for Vec<(String, String)> {
    fn first(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        for (name, value) in self {
            visit(name, value);
        }
    }
}

impl HeaderSink for Vec<(String, String)> {
    fn append(&mut self, name: &str, value: &str) {
        self.push((name.to_owned(), value.to_owned()));
    }
}

/// The HTTP headers that concern one connection only (RFC 9110 section 7.6.1) or that each side makes anew.
const NOT_FORWARDED: [HeaderName; 10] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// The headers that cross the proxy, in either direction: not those of a single connection, not those that `Connection`
/// lists, and none that could be taken for ours or the server's.
pub fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    headers.iter().filter(|(name, _)| is_forwarded(name, headers))
}

fn is_forwarded(name: &HeaderName, headers: &HeaderMap) -> bool {
    let text = name.as_str();
    !(NOT_FORWARDED.contains(name)
        || text == "proxy-connection"
        || text.starts_with("px-")
        || text.starts_with("nats-")
        || is_listed_in_connection(text, headers))
}

fn is_listed_in_connection(name: &str, headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(name))
}
