//! What a registry wants to see: the header `WWW-Authenticate`.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One way to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with every request.
    Basic,
    /// A token, to be had elsewhere.
    Bearer {
        /// The URL that gives tokens.
        realm: String,
        /// For whom.
        service: Option<String>,
    },
}

/// What is asked for; a token if there is a choice.
pub(super) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).into_iter();
    let all: Vec<Challenge> = values.filter_map(|value| parse(value.to_str().ok()?)).collect();
    let bearer = all
        .iter()
        .find(|challenge| matches!(challenge, Challenge::Bearer { .. }));
    bearer.or(all.first()).cloned()
}

fn parse(value: &str) -> Option<Challenge> {
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    let mut rest = rest;
    while let Some((name, value, after)) = parameter(rest) {
        match name.to_ascii_lowercase().as_str() {
            "realm" => realm = Some(value),
            "service" => service = Some(value),
            _ => {}
        }
        rest = after;
    }
    Some(Challenge::Bearer {
        realm: realm?,
        service,
    })
}

/// The first `name=value` or `name="value"`, and what follows it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches([',', ' ', '\t']);
    let (name, value) = text.split_once('=')?;
    let Some(quoted) = value.strip_prefix('"') else {
        let (value, after) = value.split_at(value.find(',').unwrap_or(value.len()));
        return Some((name.trim(), value.trim().to_owned(), after));
    };
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((name.trim(), text, &quoted[at + 1..])),
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => text.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        }
    }

    #[test_case(&[r#"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull,push""#] => Some(bearer("https://auth.example/token", Some("registry.example"))); "a token")]
    #[test_case(&[r#"bearer  Realm=https://auth.example/token , error="a \"b\", c""#] => Some(bearer("https://auth.example/token", None)); "loosely written")]
    #[test_case(&[r#"Basic realm="Registry""#] => Some(Challenge::Basic); "a password")]
    #[test_case(&["Basic", r#"Bearer realm="https://a.example""#] => Some(bearer("https://a.example", None)); "a choice")]
    #[test_case(&[r#"Bearer service="registry.example""#] => None; "nowhere to get a token")]
    #[test_case(&[r#"Bearer realm="never ends"#] => None; "an open quote")]
    #[test_case(&["Negotiate"] => None; "something else")]
    #[test_case(&[] => None; "nothing")]
    fn asked_for(values: &[&'static str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, http::HeaderValue::from_static(value));
        }
        challenge(&headers)
    }
}
