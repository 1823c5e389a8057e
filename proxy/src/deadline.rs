//! How long a request may take.

use std::time::Duration;

use http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// The route's timeout, or less if the client asks for less: `Prefer: wait=<seconds>` (RFC 7240 section 4.3) or
/// `X-Request-Timeout: <seconds>` with up to three decimals. What cannot be read is ignored, as RFC 7240 wants.
pub fn budget(route: Duration, headers: &HeaderMap) -> Duration {
    let mut budget = route;
    for value in headers.get_all(PREFER) {
        let preferences = value.to_str().unwrap_or_default().split([',', ';']);
        for seconds in preferences.filter_map(wait) {
            budget = budget.min(seconds);
        }
    }
    if let Some(value) = headers.get(REQUEST_TIMEOUT)
        && let Some(asked) = value.to_str().ok().and_then(seconds)
    {
        budget = budget.min(asked);
    }
    budget
}

fn wait(preference: &str) -> Option<Duration> {
    let (name, value) = preference.split_once('=')?;
    name.trim()
        .eq_ignore_ascii_case("wait")
        .then(|| seconds(value.trim().trim_matches('"')))
        .flatten()
}

/// Seconds above zero, at millisecond precision.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 || fraction.len() > 3 {
        return None;
    }
    let millis: u64 = format!("{fraction:0<3}").parse().ok()?;
    let total = Duration::from_secs(whole.parse().ok()?) + Duration::from_millis(millis);
    (!total.is_zero()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use test_case::test_case;

    #[test_case(&[], 5000)]
    #[test_case(&[("prefer", "wait=2")], 2000)]
    #[test_case(&[("prefer", "respond-async, Wait = \"3\"")], 3000; "among other preferences, in any case")]
    #[test_case(&[("prefer", "return=minimal"), ("prefer", "wait=1")], 1000; "over several lines")]
    #[test_case(&[("prefer", "wait=9")], 5000; "never more than the route allows")]
    #[test_case(&[("prefer", "wait=0")], 5000; "zero is no time to answer in")]
    #[test_case(&[("prefer", "wait=-1")], 5000; "negative")]
    #[test_case(&[("prefer", "wait=soon")], 5000; "a word")]
    #[test_case(&[("x-request-timeout", "0.25")], 250)]
    #[test_case(&[("x-request-timeout", "1.2345")], 5000; "too fine")]
    #[test_case(&[("x-request-timeout", "99999999999999999999")], 5000; "too many digits")]
    #[test_case(&[("x-request-timeout", "4"), ("prefer", "wait=2")], 2000; "the least counts")]
    fn the_least_of_what_is_asked_counts(headers: &[(&'static str, &'static str)], expected_ms: u64) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        assert_eq!(
            budget(Duration::from_secs(5), &map),
            Duration::from_millis(expected_ms)
        );
    }
}
