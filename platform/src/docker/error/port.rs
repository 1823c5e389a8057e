//! The address and port in an engine's message about a port.

use std::net::IpAddr;

/// What stands before an address, in the words of engines 20.10 to 29, Docker Desktop and rootless ones.
const BEFORE: &[&str] = &[
    "Bind for ",
    "host port for ",
    "host port ",
    "exposing port TCP ",
    "exposing port UDP ",
    "listen tcp4 ",
    "listen tcp6 ",
    "listen tcp ",
    "listen udp4 ",
    "listen udp6 ",
    "listen udp ",
    "privileged port ",
];

/// The first address and port that `message` speaks about.
pub(super) fn named_in(message: &str) -> (Option<IpAddr>, Option<u16>) {
    let words = BEFORE
        .iter()
        .filter_map(|before| message.split_once(before))
        .filter_map(|(_, rest)| rest.split([' ', ',']).next());
    for word in words {
        let (ip, port) = parse(word.trim_end_matches(':'));
        if port.is_some() {
            return (ip, port);
        }
    }
    (None, None)
}

/// Reads `80`, `0.0.0.0:80`, `0.0.0.0:80:172.17.0.2:80/tcp`, `[::]:80` and `:::80`.
fn parse(word: &str) -> (Option<IpAddr>, Option<u16>) {
    let word = word.split('/').next().unwrap_or_default();
    if let Ok(port) = word.parse() {
        return (None, Some(port));
    }
    let (host, rest) = match word.strip_prefix('[') {
        Some(rest) => rest.split_once("]:").unwrap_or_default(),
        None if word.starts_with("::") => word.rsplit_once(':').unwrap_or_default(),
        None => word.split_once(':').unwrap_or_default(),
    };
    let port = rest.split(':').next().and_then(|port| port.parse().ok());
    (host.parse().ok(), port)
}
