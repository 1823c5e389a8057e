//! `/api`: taken off on the way in, put back on the way out, as a route with a prefix rewrite does in a cluster.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::PathAndQuery};

/// Where the API lies.
pub(super) const API: &str = "/api";

/// Tells what is behind the gateway under which path the world sees it.
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The target without `/api`, or `None` if it does not lie there. Nothing else is touched: the raw path stays raw.
pub(super) fn strip(uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix(API)?;
    let path = match rest {
        "" => "/",
        rest if rest.starts_with('/') => rest,
        _ => return None,
    };
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

/// Replaces whatever a client claims by the true prefix.
pub(super) fn announce(headers: &mut HeaderMap) {
    headers.insert(X_FORWARDED_PREFIX, HeaderValue::from_static(API));
}

/// Puts the prefix back into a `Location` that names a path behind the gateway. One that has it already, because
/// its maker heeds `X-Forwarded-Prefix`, and one that names another host stay as they are.
pub(super) fn restore(headers: &mut HeaderMap) {
    let Some(location) = headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
    else {
        return;
    };
    let is_path = location.starts_with('/') && !location.starts_with("//");
    let has_prefix = location
        .strip_prefix(API)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if is_path
        && !has_prefix
        && let Ok(prefixed) = HeaderValue::try_from(format!("{API}{location}"))
    {
        headers.insert(header::LOCATION, prefixed);
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("/api/users" => Some("/users".to_owned()); "a path")]
    #[test_case("/api/users?a=1&a=2" => Some("/users?a=1&a=2".to_owned()); "the query stays")]
    #[test_case("/api/a%2Fb" => Some("/a%2Fb".to_owned()); "escapes stay")]
    #[test_case("/api" => Some("/".to_owned()); "the prefix alone")]
    #[test_case("/api/" => Some("/".to_owned()); "the prefix and a slash")]
    #[test_case("/api?x" => Some("/?x".to_owned()); "the prefix and a query")]
    #[test_case("/api/api/x" => Some("/api/x".to_owned()); "only the first prefix goes")]
    #[test_case("/apiary" => None; "another word")]
    #[test_case("/API/x" => None; "paths have case")]
    #[test_case("http://h/api/x" => Some("http://h/x".to_owned()); "absolute form")]
    fn stripped(uri: &str) -> Option<String> {
        strip(&uri.parse().unwrap()).map(|uri| uri.to_string())
    }

    #[test_case("/users/1" => "/api/users/1"; "a path behind the gateway")]
    #[test_case("/api/users/1" => "/api/users/1"; "already prefixed")]
    #[test_case("/apiary" => "/api/apiary"; "a path that only begins alike")]
    #[test_case("https://example.org/x" => "https://example.org/x"; "another host")]
    #[test_case("//example.org/x" => "//example.org/x"; "another host without a scheme")]
    fn location(location: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, HeaderValue::from_static(location));
        restore(&mut headers);
        headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    #[test]
    fn a_forged_prefix_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_PREFIX, HeaderValue::from_static("/evil"));
        headers.append(X_FORWARDED_PREFIX, HeaderValue::from_static("/more"));
        announce(&mut headers);
        assert_eq!(
            headers.get_all(X_FORWARDED_PREFIX).iter().collect::<Vec<_>>(),
            ["/api"]
        );
    }
}
