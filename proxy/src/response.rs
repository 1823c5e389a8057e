//! Answers as HTTP responses.

use bytes::Bytes;
use contract::envelope::Reply;
use contract::problem::{MEDIA_TYPE, Problem};
use http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, SEC_WEBSOCKET_VERSION,
    TRANSFER_ENCODING, VIA,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};
use http_body_util::{Either, Full};
use hyper::body::Body as _;
use uuid::Uuid;

use crate::failure::Failure;
use crate::feed;
use crate::request_fields::{REQUEST_ID, via};
use crate::routes::Resource;
use crate::service::Body;

/// A worker's answer.
pub(crate) fn from_reply(reply: Reply) -> Response<Full<Bytes>> {
    let Reply {
        status,
        mut headers,
        body,
    } = reply;
    // The framing of this connection is ours to write.
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    let bodiless = matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    );
    build(status, headers, if bodiless { Bytes::new() } else { body })
}

/// What a client of an event route gets: its request is stored under this id.
pub(crate) fn accepted(id: Uuid) -> Response<Full<Bytes>> {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    build(
        StatusCode::ACCEPTED,
        headers,
        format!(r#"{{"id":"{id}"}}"#).into(),
    )
}

/// The answer to `OPTIONS`.
pub(crate) fn options(resource: &Resource) -> Response<Full<Bytes>> {
    allowing(resource.allow().clone())
}

/// The answer to `OPTIONS` where these methods are allowed.
pub(crate) fn allowing(methods: HeaderValue) -> Response<Full<Bytes>> {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(ALLOW, methods);
    build(StatusCode::NO_CONTENT, headers, Bytes::new())
}

/// A failure, as a problem document.
pub(crate) fn from_failure(failure: &Failure, request_id: &HeaderValue, path: &str) -> Response<Full<Bytes>> {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    match failure {
        Failure::Method(allow) => drop(headers.insert(ALLOW, allow.clone())),
        Failure::Feed(feed::Refusal::WebSocketVersion) => {
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        Failure::TrailingSlash(location) => drop(headers.insert(LOCATION, location.clone())),
        _ => {}
    }
    if let Some(seconds) = failure.retry_after_seconds() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if failure.ends_connection() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let problem: Problem = failure.problem(request_id.to_str().unwrap_or_default(), path);
    build(failure.status(), headers, problem.to_json())
}

/// Completes any of the above for the connection it goes to.
pub(crate) fn finish(
    mut response: Response<Body>,
    method: &Method,
    version: Version,
    request_id: HeaderValue,
) -> Response<Body> {
    let length = response.body().size_hint().exact();
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, request_id);
    headers.append(VIA, via(version));
    if version == Version::HTTP_2 {
        headers.remove(CONNECTION);
    }
    if method == Method::HEAD {
        // What a GET would have had; an answer without a body does not tell.
        if let Some(length) = length.filter(|length| *length > 0) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        *response.body_mut() = Either::Left(Full::default());
    }
    response
}

fn build(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: map,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    fn length(response: &Response<impl hyper::body::Body>) -> u64 {
        response.body().size_hint().exact().unwrap()
    }

    fn finished(reply: Reply, method: &Method) -> Response<Body> {
        finish(
            from_reply(reply).map(Either::Left),
            method,
            Version::HTTP_11,
            HeaderValue::from_static("id-1"),
        )
    }

    #[test_case(204)]
    #[test_case(205)]
    #[test_case(304)]
    fn statuses_without_a_body_have_none(status: u16) {
        assert_eq!(
            length(&from_reply(reply(status, &[("etag", "\"1\"")], "surplus"))),
            0
        );
    }

    #[test]
    fn a_worker_cannot_frame_the_connection() {
        let framed = [
            ("content-length", "3"),
            ("transfer-encoding", "chunked"),
            ("connection", "upgrade"),
        ];
        assert!(from_reply(reply(200, &framed, "body")).headers().is_empty());
    }

    #[test]
    fn repeated_headers_stay_repeated_and_ours_are_added() {
        let response = finished(
            reply(
                200,
                &[("set-cookie", "a"), ("set-cookie", "b"), ("via", "1.1 w")],
                "",
            ),
            &Method::GET,
        );
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(response.headers().get_all("via").iter().count(), 2);
        assert_eq!(response.headers()["x-request-id"], "id-1");
    }

    #[test]
    fn head_has_the_length_of_the_body_it_does_not_send() {
        let response = finished(reply(200, &[("etag", "\"1\"")], "twelve bytes"), &Method::HEAD);
        assert_eq!(response.headers()["content-length"], "12");
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(length(&response), 0);
        assert!(
            !finished(reply(200, &[], ""), &Method::HEAD)
                .headers()
                .contains_key("content-length")
        );
    }

    #[test]
    fn a_failure_carries_its_fields() {
        let id = HeaderValue::from_static("id-1");
        let busy = from_failure(&Failure::TooManyRequests, &id, "/a");
        assert_eq!(
            (busy.status().as_u16(), &busy.headers()["retry-after"]),
            (503, &HeaderValue::from_static("1"))
        );
        assert_eq!(busy.headers()["content-type"], MEDIA_TYPE);
        let method = from_failure(&Failure::Method(HeaderValue::from_static("GET")), &id, "/a");
        assert_eq!(method.headers()["allow"], "GET");
        let moved = from_failure(
            &Failure::TrailingSlash(HeaderValue::from_static("/a?b")),
            &id,
            "/a/",
        );
        assert_eq!(moved.headers()["location"], "/a?b");
        let large = from_failure(&Failure::BodyTooLarge(9), &id, "/a");
        assert_eq!(large.headers()["connection"], "close");
    }
}
