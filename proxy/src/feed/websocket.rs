//! The feed over a WebSocket (RFC 6455): who may have one, and the handshake.

use http::header::{
    CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Events, Refusal};

const PROTOCOL: &str = "websocket";
/// The only version there is.
const SUPPORTED: &[u8] = b"13";
/// 16 bytes in base64.
const KEY_LENGTH: usize = 24;

/// A handshake that can be accepted.
#[derive(Debug)]
pub(super) struct Handshake {
    accept: HeaderValue,
}

impl Handshake {
    /// Reads a request's handshake; `None` if it asks for none.
    pub(super) fn read(
        version: Version,
        uri: &Uri,
        headers: &HeaderMap,
        origins: &[String],
    ) -> Result<Option<Self>, Refusal> {
        if version != Version::HTTP_11 || !lists(headers, &UPGRADE, PROTOCOL) {
            return Ok(None);
        }
        if !lists(headers, &CONNECTION, "upgrade") {
            return Err(Refusal::Handshake("Connection does not name Upgrade"));
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != SUPPORTED)
        {
            return Err(Refusal::WebSocketVersion);
        }
        let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
        let key = match (keys.next(), keys.next()) {
            (Some(key), None) if key.len() == KEY_LENGTH => key.as_bytes(),
            _ => return Err(Refusal::Handshake("Sec-WebSocket-Key is not 16 bytes in base64")),
        };
        if !is_at_home(uri, headers, origins) {
            return Err(Refusal::Origin);
        }
        let accept = HeaderValue::try_from(derive_accept_key(key));
        let accept = accept.map_err(|_| Refusal::Handshake("Sec-WebSocket-Key cannot be answered"))?;
        Ok(Some(Self { accept }))
    }

    /// The answer after which the connection is a WebSocket.
    pub(super) fn response(self) -> Response<Events> {
        let mut response = Response::new(Events::none());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static(PROTOCOL));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        response
    }
}

/// Whether a field that is a list has this word.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    let mut words = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
    words.any(|known| known.trim().eq_ignore_ascii_case(word))
}

/// Whether the page that asks lies where it asks, or where the configuration says. A browser lets any page open a WebSocket to anywhere,
/// with the person's cookies; only the server can tell them apart. Programs other than browsers send no `Origin`.
fn is_at_home(uri: &Uri, headers: &HeaderMap, origins: &[String]) -> bool {
    let mut lines = headers.get_all(ORIGIN).iter();
    let Some(origin) = lines.next() else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if lines.next().is_some() {
        return false;
    }
    if origins.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let from_header = || headers.get(HOST)?.to_str().ok()?.parse::<Authority>().ok();
    let (Ok(origin), Some(here)) = (
        origin.parse::<Uri>(),
        uri.authority().cloned().or_else(from_header),
    ) else {
        return false;
    };
    let usual = match origin.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => 443,
        Some(scheme) if *scheme == Scheme::HTTP => 80,
        _ => return false,
    };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(usual);
    origin
        .authority()
        .is_some_and(|there| there.host().eq_ignore_ascii_case(here.host()) && port(there) == port(&here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn read(change: &[(&'static str, &'static str)]) -> Result<Option<HeaderValue>, Refusal> {
        let mut headers = HeaderMap::new();
        let usual = [
            ("host", "here.example:8080"),
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        for (name, value) in usual.iter().chain(change) {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let origins = ["https://app.example".to_owned()];
        let read = Handshake::read(Version::HTTP_11, &Uri::from_static("/events"), &headers, &origins)?;
        Ok(read.map(|handshake| handshake.response().headers()[SEC_WEBSOCKET_ACCEPT].clone()))
    }

    #[test]
    fn the_answer_is_that_of_the_standard() {
        // RFC 6455, section 1.3.
        let accept = read(&[]).unwrap().unwrap();
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test_case(&[("upgrade", "h2c")] => Ok(None); "another protocol is none of ours")]
    #[test_case(&[("connection", "close")] => Err(Refusal::Handshake("Connection does not name Upgrade")); "an upgrade for somebody else")]
    #[test_case(&[("sec-websocket-version", "8")] => Err(Refusal::WebSocketVersion); "an old version")]
    #[test_case(&[("sec-websocket-key", "short")] => Err(Refusal::Handshake("Sec-WebSocket-Key is not 16 bytes in base64")); "a short key")]
    fn what_is_no_handshake(change: &[(&'static str, &'static str)]) -> Result<Option<HeaderValue>, Refusal> {
        read(change)
    }

    #[test_case("http://here.example:8080" => true; "the same place")]
    #[test_case("http://HERE.example:8080" => true; "names have no case")]
    #[test_case("https://app.example" => true; "a place that is configured")]
    #[test_case("http://here.example" => false; "another port")]
    #[test_case("http://evil.example:8080" => false; "another host")]
    #[test_case("http://here.example:8080.evil.example" => false; "a longer name")]
    #[test_case("null" => false; "a page without a place")]
    #[test_case("file://here.example:8080" => false; "no web page")]
    fn origin(origin: &'static str) -> bool {
        match read(&[("origin", origin)]) {
            Ok(handshake) => handshake.is_some(),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::Origin);
                false
            }
        }
    }
}
