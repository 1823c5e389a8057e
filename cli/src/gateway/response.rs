//! Answers the gateway makes itself: redirects, errors, and the headers that keep browsers safe.

use contract::problem::{MEDIA_TYPE, Problem};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};

use super::body::{self, LocalBody};

/// For pages of a component whose project says nothing else: everything from this origin, no code or style inside pages,
/// no frames.
pub(super) const PAGE_POLICY: &str = "default-src 'self'; img-src 'self' data:; base-uri 'self'; form-action 'self'; \
                                      object-src 'none'; frame-ancestors 'none'";

/// For the gateway's own pages, which need nothing but their own style and script.
pub(super) const OWN_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                                     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the headers that stop content sniffing, framing and leaking of addresses.
pub(super) fn secure(headers: &mut HeaderMap, policy: HeaderValue) {
    let fixed: [(HeaderName, &'static str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
}

/// A whole answer held in memory, never kept by caches.
pub(super) fn document(status: StatusCode, media_type: &'static str, content: String) -> Response<LocalBody> {
    let mut response = Response::new(body::full(content));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    secure(headers, HeaderValue::from_static(OWN_POLICY));
    response
}

/// A redirect that nobody remembers: what lies where changes between two runs.
pub(super) fn redirect(location: &str) -> Response<LocalBody> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An error: a small page for a browser, a problem document (RFC 9457) for anything else.
pub(super) fn failure(request: &Parts, status: StatusCode, title: &str, detail: &str) -> Response<LocalBody> {
    let accept = request
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    if accept.contains("text/html") {
        return document(
            status,
            "text/html; charset=utf-8",
            super::page::failure(status, title, detail),
        );
    }
    let problem = Problem::new(status, title)
        .detail(detail)
        .instance(request.uri.path());
    let json = String::from_utf8_lossy(&problem.to_json()).into_owned();
    document(status, MEDIA_TYPE, json)
}

/// 404 for a path that leads nowhere.
pub(super) fn not_found(request: &Parts) -> Response<LocalBody> {
    let detail = format!("nothing is served at {}", request.uri.path());
    failure(request, StatusCode::NOT_FOUND, "not found", &detail)
}

/// 405 with the methods that are allowed.
pub(super) fn method_not_allowed(request: &Parts, allowed: &'static str) -> Response<LocalBody> {
    let detail = format!("{} is not possible here", request.method);
    let mut response = failure(
        request,
        StatusCode::METHOD_NOT_ALLOWED,
        "method not allowed",
        &detail,
    );
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
