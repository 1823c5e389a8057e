//! Being let in: credentials as `docker login` left them, or a token got with them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde::Deserialize;
use tokio::sync::{Mutex, OnceCell};

use super::address::Address;
use super::answer::Answer;
use super::challenge::{Challenge, challenge};
use super::transport::{Ask, Transport};
use crate::docker::credentials::{self, Credentials};
use crate::docker::endpoint::Environment;
use crate::image::Error;

/// What is wanted of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    Pull,
    Push,
}

/// Who we are for one registry. Its `Debug` shows no secret: header values are marked as sensitive.
#[derive(Debug)]
pub(super) struct Authority {
    address: Address,
    environment: Environment,
    credentials: OnceCell<Option<Credentials>>,
    has_credentials: AtomicBool,
    /// What let us in before.
    shown: Mutex<BTreeMap<Access, HeaderValue>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Authority {
    pub(super) fn of(address: &Address, environment: Environment) -> Self {
        Self {
            address: address.clone(),
            environment,
            credentials: OnceCell::new(),
            has_credentials: AtomicBool::new(false),
            shown: Mutex::default(),
        }
    }

    /// What is shown without being asked.
    pub(super) async fn shown(&self, access: Access) -> Option<HeaderValue> {
        self.shown.lock().await.get(&access).cloned()
    }

    /// Whether there were credentials to show.
    pub(super) fn has_credentials(&self) -> bool {
        self.has_credentials.load(Ordering::Relaxed)
    }

    /// What the registry asks for in its refusal of what was `shown`; `None` if there is nothing else to show.
    pub(super) async fn satisfy(
        &self,
        transport: &Transport,
        repository: &str,
        access: Access,
        shown: Option<HeaderValue>,
        refusal: &Answer,
    ) -> Result<Option<HeaderValue>, Error> {
        let mut kept = self.shown.lock().await;
        // Requests run side by side: somebody else may have asked meanwhile.
        match kept.get(&access) {
            Some(other) if Some(other) != shown.as_ref() => return Ok(Some(other.clone())),
            _ => kept.remove(&access),
        };
        let credentials = self.credentials().await?;
        let found = match (challenge(&refusal.headers), credentials) {
            (None, _) | (Some(Challenge::Basic), None) => None,
            (Some(_), Some(Credentials::RegistryToken(token))) => header(format!("Bearer {token}")),
            (Some(Challenge::Basic), Some(Credentials::Password { username, password })) => {
                basic(username, password)
            }
            (Some(Challenge::Basic), Some(Credentials::IdentityToken(token))) => basic("<token>", token),
            (Some(Challenge::Bearer { realm, service }), credentials) => {
                let ask = self.question(&realm, service.as_deref(), repository, access, credentials)?;
                let token = self.token(transport, &ask, credentials).await?;
                header(format!("Bearer {token}"))
            }
        };
        // The same again would be refused again.
        let found = found.filter(|found| Some(found) != shown.as_ref());
        if let Some(found) = &found {
            kept.insert(access, found.clone());
        }
        Ok(found)
    }

    async fn credentials(&self) -> Result<Option<&Credentials>, Error> {
        let find = || async { credentials::find(&self.address.host, &self.environment).await };
        let found = self.credentials.get_or_try_init(find).await?;
        self.has_credentials.store(found.is_some(), Ordering::Relaxed);
        Ok(found.as_ref())
    }

    /// How a token is asked for.
    fn question(
        &self,
        realm: &str,
        service: Option<&str>,
        repository: &str,
        access: Access,
        credentials: Option<&Credentials>,
    ) -> Result<Ask, Error> {
        if credentials.is_some() && !self.address.plain && !realm.starts_with("https://") {
            return Err(self.failed(
                "it sends us for a token to a place that is not https".to_owned(),
                None,
            ));
        }
        let actions = match access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        let scope = format!("repository:{repository}:{actions}");
        let mut fields = vec![("scope", scope.as_str())];
        fields.extend(service.map(|service| ("service", service)));
        if let Some(Credentials::IdentityToken(token)) = credentials {
            fields.extend([
                ("grant_type", "refresh_token"),
                ("refresh_token", token),
                ("client_id", "ratectl"),
            ]);
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            let mut ask = Ask::new(Method::POST, realm).with(CONTENT_TYPE, kind);
            ask.content = form(&fields).into();
            return Ok(ask);
        }
        let separator = if realm.contains('?') { '&' } else { '?' };
        Ok(Ask::new(
            Method::GET,
            &format!("{realm}{separator}{}", form(&fields)),
        ))
    }

    async fn token(
        &self,
        transport: &Transport,
        ask: &Ask,
        credentials: Option<&Credentials>,
    ) -> Result<String, Error> {
        let shown = match credentials {
            Some(Credentials::Password { username, password }) => basic(username, password),
            _ => None,
        };
        let answer = transport.send(&self.address, ask, shown).await;
        let answer = answer.map_err(|reason| self.failed(reason, None))?;
        if answer.status != StatusCode::OK {
            let reason = answer.reason(&self.address.host, credentials.is_some());
            return Err(self.failed(reason, Some(answer.status.as_u16())));
        }
        let token: Option<Token> = serde_json::from_slice(&answer.body).ok();
        let token = token.and_then(|token| token.token.or(token.access_token));
        let token = token.filter(|token| !token.is_empty());
        token.ok_or_else(|| self.failed("what came is no token".to_owned(), None))
    }

    fn failed(&self, reason: String, status: Option<u16>) -> Error {
        Error::Registry {
            operation: "get a token".to_owned(),
            registry: self.address.host.clone(),
            reason,
            status,
        }
    }
}

fn basic(username: &str, password: &str) -> Option<HeaderValue> {
    header(format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    ))
}

/// A header that is never shown to people; `None` for a secret that no header can carry.
fn header(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `name=value` pairs as in a URL.
fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        let bytes = text.bytes().map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        });
        bytes.collect::<String>()
    };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}
