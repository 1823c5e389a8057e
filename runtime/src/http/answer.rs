//! The few answers the server gives by itself, as problem documents (RFC 9457).

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use super::framing::Refusal;

/// An answer that needs no service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    status: StatusCode,
    detail: &'static str,
    retry_after_s: Option<u32>,
}

/// The connection is one too many.
pub(super) const TOO_MANY_CONNECTIONS: Answer = Answer {
    status: StatusCode::SERVICE_UNAVAILABLE,
    detail: "too many connections are open; try again later",
    retry_after_s: Some(1),
};

/// The head of the request did not come in time.
pub(super) const HEADER_TIMEOUT: Answer = Answer {
    status: StatusCode::REQUEST_TIMEOUT,
    detail: "the request head did not arrive in time",
    retry_after_s: None,
};

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let (status, detail) = match refusal {
            Refusal::Malformed(what) => (StatusCode::BAD_REQUEST, what),
            Refusal::UriTooLong => (StatusCode::URI_TOO_LONG, "the request target is too long"),
            Refusal::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the request has too many or too long headers",
            ),
        };
        Self {
            status,
            detail,
            retry_after_s: None,
        }
    }
}

impl Answer {
    fn body(self) -> String {
        serde_json::json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        })
        .to_string()
    }

    /// The whole HTTP/1.1 answer, after which the connection closes.
    pub(super) fn to_wire(self) -> Vec<u8> {
        let body = self.body();
        let reason = self.status.canonical_reason().unwrap_or_default();
        let retry = self
            .retry_after_s
            .map(|s| format!("retry-after: {s}\r\n"))
            .unwrap_or_default();
        format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{retry}connection: close\r\n\r\n{body}",
            self.status.as_u16(),
            "application/problem+json",
            body.len(),
        )
        .into_bytes()
    }

    /// The same for a connection that goes on.
    pub(super) fn to_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body())));
        *response.status_mut() = self.status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
