//! How a service reaches NATS and who it is there.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Secret;

/// What stands in place of the user information of a URL.
const REDACTED: &str = "[redacted]";

/// Where NATS is and how to sign in. At most one of `credentials_file`, `user` with `password`, `token`, and user
/// information in a URL.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Servers, e.g. `nats://nats.messaging:4222`; one is enough, the others are discovered. May hold `user:password@`.
    #[serde(serialize_with = "without_passwords")]
    pub urls: Vec<String>,
    /// File with a user's JWT and key, as `nsc` writes it.
    pub credentials_file: Option<PathBuf>,
    /// User name; needs `password`.
    pub user: Option<String>,
    /// Password of `user`.
    pub password: Option<Secret>,
    /// Token, where the server knows no users.
    pub token: Option<Secret>,
    /// Additional certificate authorities (PEM) for `tls://` URLs.
    pub ca_file: Option<PathBuf>,
    /// How the server lists this connection; for people.
    pub name: String,
    /// What the subjects of private inboxes start with; permissions are granted on it.
    pub inbox_prefix: String,
    /// How often a silent connection is tried; it counts as lost after three pings without an answer.
    #[serde(with = "crate::config::duration")]
    pub ping_interval: Duration,
    /// How long one attempt to connect may take.
    #[serde(with = "crate::config::duration")]
    pub connect_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            urls: vec!["nats://127.0.0.1:4222".to_owned()],
            credentials_file: None,
            user: None,
            password: None,
            token: None,
            ca_file: None,
            name: "unnamed".to_owned(),
            inbox_prefix: "_INBOX".to_owned(),
            ping_interval: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("urls", &redacted(&self.urls))
            .field("credentials_file", &self.credentials_file)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("token", &self.token)
            .field("ca_file", &self.ca_file)
            .field("name", &self.name)
            .field("inbox_prefix", &self.inbox_prefix)
            .field("ping_interval", &self.ping_interval)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No server is named.
    #[error("urls is empty; name at least one server, like nats://127.0.0.1:4222")]
    NoUrl,
    /// A server's URL cannot be used.
    #[error("urls: {0} is no NATS URL; write nats://host:4222, or tls:// with encryption")]
    Url(String),
    /// More than one way to sign in, or half of one.
    #[error("sign in with one of credentials_file, user and password together, token, or a user in a URL")]
    SignIn,
    /// The inbox prefix is no subject.
    #[error("inbox_prefix: '{0}' must be tokens of letters, digits, '-' and '_', separated by dots")]
    InboxPrefix(String),
    /// A duration that cannot work.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

impl Settings {
    /// Checks what types cannot: values that contradict each other or cannot work.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if self.urls.is_empty() {
            return Err(SettingsError::NoUrl);
        }
        if let Some(url) = self.urls.iter().find(|url| !is_url(url)) {
            return Err(SettingsError::Url(without_password(url)));
        }
        let ways = [
            self.credentials_file.is_some(),
            self.user.is_some(),
            self.token.is_some(),
            self.url_sign_in().is_some(),
        ];
        if ways.into_iter().filter(|given| *given).count() > 1
            || self.user.is_some() != self.password.is_some()
        {
            return Err(SettingsError::SignIn);
        }
        let is_token = |token: &str| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !self.inbox_prefix.split('.').all(is_token) {
            return Err(SettingsError::InboxPrefix(self.inbox_prefix.clone()));
        }
        for (name, duration) in [
            ("ping_interval", self.ping_interval),
            ("connect_timeout", self.connect_timeout),
        ] {
            if duration.is_zero() {
                return Err(SettingsError::Zero(name));
            }
        }
        Ok(())
    }
}

impl Settings {
    /// User and password of the first URL that has them; a user alone is a token. The client library passes neither on.
    pub(super) fn url_sign_in(&self) -> Option<(String, Option<String>)> {
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        self.urls.iter().find_map(|url| {
            let (_, rest) = url.split_once("://")?;
            let (information, _) = rest.rsplit_once('@')?;
            Some(match information.split_once(':') {
                Some((user, password)) => (decoded(user), Some(decoded(password))),
                None => (decoded(information), None),
            })
        })
    }
}

fn is_url(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    matches!(scheme, Some("nats" | "tls")) && url.parse::<async_nats::ServerAddr>().is_ok()
}

/// A URL whose user information, if any, cannot be read.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{REDACTED}@{host}"),
        _ => url.to_owned(),
    }
}

fn redacted(urls: &[String]) -> Vec<String> {
    urls.iter().map(|url| without_password(url)).collect()
}

fn without_passwords<S: serde::Serializer>(urls: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    redacted(urls).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Secret, Settings};

    fn changed(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    }

    #[test]
    fn the_defaults_are_valid() {
        Settings::default().validate().unwrap();
    }

    #[test_case(&changed(|s| s.urls.clear()), "urls is empty"; "no url")]
    #[test_case(&changed(|s| s.urls = vec!["http://x:1".into()]), "http://x:1 is no NATS URL"; "another scheme")]
    #[test_case(&changed(|s| s.user = Some("u".into())), "sign in with one of"; "a user without a password")]
    #[test_case(&changed(|s| s.inbox_prefix = "_I.>".into()), "inbox_prefix"; "a wildcard in the inbox prefix")]
    #[test_case(&changed(|s| s.ping_interval = std::time::Duration::ZERO), "ping_interval"; "no ping interval")]
    fn a_mistake_is_named(settings: &Settings, expected: &str) {
        let error = settings.validate().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn no_secret_is_written_anywhere() {
        let settings = changed(|settings| {
            settings.urls = vec!["nats://me:hunter2@there:4222".into()];
            settings.password = Some(Secret::new("hunter2"));
            settings.token = Some(Secret::new("hunter2"));
        });
        let written = format!("{settings:?} {}", serde_json::to_string(&settings).unwrap());
        assert!(!written.contains("hunter2"), "{written}");
        assert!(written.contains("there:4222"), "{written}");
    }

    #[test]
    fn the_user_of_a_url_is_one_way_to_sign_in() {
        let mut settings =
            changed(|s| s.urls = vec!["nats://a:1".into(), "nats://me:p%40ss@there:4222".into()]);
        assert_eq!(
            settings.url_sign_in(),
            Some(("me".to_owned(), Some("p@ss".to_owned())))
        );
        settings.validate().unwrap();
        settings.token = Some(Secret::new("t"));
        assert!(
            settings
                .validate()
                .unwrap_err()
                .to_string()
                .contains("sign in with one of")
        );
        let token = changed(|s| s.urls = vec!["nats://t0ken@there:4222".into()]);
        assert_eq!(token.url_sign_in(), Some(("t0ken".to_owned(), None)));
    }

    #[test]
    fn a_duration_is_read_as_people_write_it() {
        let settings: Settings = serde_json::from_str(r#"{"ping_interval": "7s", "token": "t"}"#).unwrap();
        assert_eq!(settings.ping_interval.as_secs(), 7);
        assert_eq!(settings.token.unwrap().expose(), "t");
    }
}
