//! What the API client leaves out of its requests, put in.

use bollard::{BollardRequest, ClientVersion, Docker};
use http::Uri;

/// A client whose every request names the API version. Without one an engine takes its own newest, and what a later
/// engine answers could be something we do not know.
pub(super) fn pinned(api: Docker, version: &ClientVersion) -> Docker {
    let prefix = format!("/v{version}");
    api.with_request_modifier(move |mut request| {
        if let Some(uri) = with_prefix(request.uri(), &prefix) {
            *request.uri_mut() = uri;
        }
        make_url_safe(&mut request);
        request
    })
}

fn with_prefix(uri: &Uri, prefix: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let path = parts.path_and_query.as_ref()?.as_str();
    parts.path_and_query = Some(format!("{prefix}{path}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Engines read the credentials in these headers in the URL-safe alphabet of base64; the client writes the other one, so
/// that passwords with `?`, `>` or `~` in certain places would not arrive.
fn make_url_safe(request: &mut BollardRequest) {
    for name in ["x-registry-auth", "x-registry-config"] {
        let Some(value) = request.headers().get(name).and_then(|value| value.to_str().ok()) else {
            continue;
        };
        let value = value.replace('+', "-").replace('/', "_");
        if let Ok(value) = value.parse() {
            request.headers_mut().insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_goes_in_front_of_path_and_query() {
        let uri = "unix://2f61/containers/json?all=true".parse().unwrap();
        let uri = with_prefix(&uri, "/v1.41").unwrap();
        assert_eq!(uri.to_string(), "unix://2f61/v1.41/containers/json?all=true");
    }
}
