//! The proxies that the environment names, and which connections go through them.

use http::Uri;
use http::uri::Scheme;

use crate::no_proxy::NoProxy;

/// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either spelling; empty ones count as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<String>,
    https: Option<String>,
    exceptions: NoProxy,
}

impl Proxies {
    /// Those that variables name.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            let spellings = [variable(name), variable(&name.to_ascii_lowercase())];
            spellings.into_iter().flatten().find(|value| !value.is_empty())
        };
        let proxy = |name: &str| set(name).or_else(|| set("ALL_PROXY")).map(url);
        Self {
            http: proxy("HTTP_PROXY"),
            https: proxy("HTTPS_PROXY"),
            exceptions: NoProxy::parse(&set("NO_PROXY").unwrap_or_default()),
        }
    }

    /// Those of this process.
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// The URL of the proxy on the way to `server`; `None` if it is on this machine, or an exception.
    pub(crate) fn on_the_way_to(&self, server: &Uri) -> Option<&str> {
        let host = server.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        if host.ends_with(".localhost") || self.exceptions.exempts(&host) {
            return None;
        }
        let plain = server.scheme() == Some(&Scheme::HTTP);
        let proxy = if plain { &self.http } else { &self.https };
        proxy.as_deref()
    }
}

/// The URL of a proxy, which may have been written without a scheme.
pub(crate) fn url(proxy: String) -> String {
    if proxy.contains("://") {
        proxy
    } else {
        format!("http://{proxy}")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const HTTPS: (&str, &str) = ("HTTPS_PROXY", "http://p:1");

    #[test_case("https://far.example", &[HTTPS] => Some("http://p:1".to_owned()); "set")]
    #[test_case("https://far.example", &[("https_proxy", "p:1")] => Some("http://p:1".to_owned()); "in small letters without a scheme")]
    #[test_case("https://far.example", &[("HTTPS_PROXY", ""), ("https_proxy", "p:1")] => Some("http://p:1".to_owned()); "empty is not set")]
    #[test_case("http://far.example", &[HTTPS] => None; "another scheme")]
    #[test_case("http://far.example", &[("ALL_PROXY", "http://q:2"), HTTPS] => Some("http://q:2".to_owned()); "that for all")]
    #[test_case("https://far.example", &[HTTPS, ("NO_PROXY", "near.example,far.example")] => None; "an exception")]
    #[test_case("https://FAR.example", &[HTTPS, ("no_proxy", ".example")] => None; "an exception in capitals")]
    #[test_case("https://localhost:5000", &[HTTPS] => None; "this machine")]
    #[test_case("https://registry.localhost:5000", &[HTTPS] => None; "a name of this machine")]
    #[test_case("https://127.0.0.9", &[HTTPS] => None; "loopback")]
    #[test_case("https://[::1]:5000", &[HTTPS] => None; "loopback of IPv6")]
    fn a_proxy_is_on_the_way(server: &str, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxies = Proxies::of(variable);
        proxies.on_the_way_to(&server.parse().unwrap()).map(str::to_owned)
    }
}
