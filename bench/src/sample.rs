//! The request all measurements without a database make: a small JSON document, echoed by the worker.

use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, VIA};

use crate::http::Workload;

/// Its path; one of the rating system's, so that its route and its consumer are the real ones.
pub const PATH: &str = "/ratings";

/// Its body, 256 bytes.
pub const BODY: &[u8; 256] = br#"{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","serviceId":"01890a5d-ac96-774b-bcce-b302099a8058","score":4,"comment":"A comment of the length that people write when they are content: two or three sentences, nothing special, but more than one word....."}"#;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Its headers as the proxy passes them on: the client's, and those that say who asked.
pub fn headers() -> HeaderMap {
    let fixed = HeaderValue::from_static;
    HeaderMap::from_iter([
        (HOST, fixed("localhost")),
        (ACCEPT, JSON),
        (CONTENT_TYPE, JSON),
        (VIA, fixed("1.1 http-to-nats-proxy")),
        (
            HeaderName::from_static("x-request-id"),
            fixed("01890a5d-ac96-774b-bcce-b302099a8057"),
        ),
        (HeaderName::from_static("x-forwarded-for"), fixed("127.0.0.1")),
        (HeaderName::from_static("x-forwarded-proto"), fixed("http")),
    ])
}

/// The headers of its answer.
pub fn answer_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, JSON)])
}

/// Sends the sample over and over.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample;

impl Workload for Sample {
    fn write_next(&mut self, bytes: &mut Vec<u8>) {
        write(bytes, "");
    }
}

/// Appends the bytes of the sample with additional header lines, each ending in CRLF.
pub fn write(bytes: &mut Vec<u8>, lines: &str) {
    let parts = [
        "POST ",
        PATH,
        " HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n",
        "content-type: application/json\r\ncontent-length: 256\r\n",
        lines,
        "\r\n",
    ];
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(BODY);
}
