//! The JetStream API: requests and answers in JSON over plain NATS requests.

use std::time::Duration;

use async_nats::RequestErrorKind;
use serde::Serialize;
use serde_json::{Value, json};

use super::{ApiError, Error};

/// How long one connection attempt or one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// JetStream is not enabled, for the account or at all.
const NOT_ENABLED: [u32; 2] = [10039, 10076];

/// The client library does not look at the user information of a URL.
pub(crate) fn sign_in(url: &str) -> async_nats::ConnectOptions {
    let options = async_nats::ConnectOptions::new();
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let information = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    match information.map(|(information, _)| information.split_once(':').ok_or(information)) {
        Some(Ok((user, password))) => options.user_and_password(decoded(user), decoded(password)),
        Some(Err(token)) => options.token(decoded(token)),
        None => options,
    }
}

/// A server's JetStream.
#[derive(Clone, Debug)]
pub struct JetStream {
    client: async_nats::Client,
    url: String,
    domain: Option<String>,
}

/// A NATS user.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl JetStream {
    /// Connects once, without trying again, and makes sure that the server has JetStream for us. A user and password, or a token, may stand
    /// in the URL, percent-encoded.
    ///
    /// # Errors
    /// [`Error::Connect`] when nothing answers at `url`, [`Error::NoJetStream`] when the server has none for us.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url, sign_in(url), None).await
    }

    /// As [`JetStream::connect`], as this user.
    ///
    /// # Errors
    /// The same.
    pub async fn connect_as(url: &str, login: Login) -> Result<Self, Error> {
        let options = async_nats::ConnectOptions::with_user_and_password(login.user, login.password);
        Self::connect_with(url, options, None).await
    }

    /// As [`JetStream::connect`], with these options, in a domain.
    pub(crate) async fn connect_with(
        url: &str,
        options: async_nats::ConnectOptions,
        domain: Option<String>,
    ) -> Result<Self, Error> {
        let shown = without_credentials(url);
        let client = options
            .name("ratectl")
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .connect(url)
            .await
            .map_err(|source| Error::Connect {
                url: shown.clone(),
                source,
            })?;
        let jetstream = Self {
            client,
            url: shown,
            domain,
        };
        jetstream
            .call("INFO", "say what JetStream offers", &Value::Null)
            .await?;
        Ok(jetstream)
    }

    /// Where it is, without credentials.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection.
    pub(super) fn client(&self) -> &async_nats::Client {
        &self.client
    }

    /// The information about every stream, by name.
    pub(super) async fn streams(&self) -> Result<Vec<Value>, Error> {
        let mut streams = self.pages("STREAM.LIST", "list the streams", "/streams").await?;
        streams.sort_by(|a, b| name(a, "/config/name").cmp(name(b, "/config/name")));
        Ok(streams)
    }

    /// The information about every consumer of a stream, by name.
    pub(super) async fn consumers(&self, stream: &str) -> Result<Vec<Value>, Error> {
        let operation = format!("list the consumers of stream {stream}");
        let mut consumers = self
            .pages(&format!("CONSUMER.LIST.{stream}"), &operation, "/consumers")
            .await?;
        consumers.sort_by(|a, b| name(a, "/name").cmp(name(b, "/name")));
        Ok(consumers)
    }

    /// One request. `verb` is the subject without `$JS.API.`; `operation` names it in errors; [`Value::Null`] sends no body.
    pub(super) async fn call(
        &self,
        verb: &str,
        operation: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<Value, Error> {
        let malformed = |source| Error::Malformed {
            operation: operation.to_owned(),
            source,
        };
        let body = match serde_json::to_vec(body).map_err(malformed)? {
            null if null == b"null" => Vec::new(),
            body => body,
        };
        let answer = self
            .client
            .request(self.subject(verb), body.into())
            .await
            .map_err(|source| {
                if source.kind() == RequestErrorKind::NoResponders {
                    Error::NoJetStream {
                        url: self.url.clone(),
                    }
                } else {
                    Error::Unanswered {
                        operation: operation.to_owned(),
                        source,
                    }
                }
            })?;
        let mut answer: Value = serde_json::from_slice(&answer.payload).map_err(malformed)?;
        let Some(error) = answer.get_mut("error").map(Value::take) else {
            return Ok(answer);
        };
        let source: ApiError = serde_json::from_value(error).map_err(malformed)?;
        if NOT_ENABLED.contains(&source.err_code) {
            return Err(Error::NoJetStream {
                url: self.url.clone(),
            });
        }
        Err(Error::Refused {
            operation: operation.to_owned(),
            source,
        })
    }

    fn subject(&self, verb: &str) -> String {
        match &self.domain {
            Some(domain) => format!("$JS.{domain}.API.{verb}"),
            None => format!("$JS.API.{verb}"),
        }
    }

    /// Every item of a list that the server cuts into pages.
    async fn pages(&self, verb: &str, operation: &str, items: &str) -> Result<Vec<Value>, Error> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let mut page = self
                .call(verb, operation, &json!({ "offset": all.len() }))
                .await?;
            let total = page.get("total").and_then(Value::as_u64).unwrap_or_default();
            let Some(Value::Array(found)) = page.pointer_mut(items).map(Value::take) else {
                break;
            };
            let last = found.is_empty();
            all.extend(found);
            if last || u64::try_from(all.len()).unwrap_or(u64::MAX) >= total {
                break;
            }
        }
        Ok(all)
    }
}

fn name<'a>(info: &'a Value, pointer: &str) -> &'a str {
    info.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A URL, or a list of them with commas, without user names, passwords and tokens.
pub fn without_credentials(urls: &str) -> String {
    let strip = |url: &str| {
        let (scheme, rest) = url
            .split_once("://")
            .map_or(("", url), |(scheme, rest)| (scheme, rest));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let separator = if scheme.is_empty() { "" } else { "://" };
        format!("{scheme}{separator}{host}{path}")
    };
    urls.split(',').map(strip).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("nats://localhost:4222" => "nats://localhost:4222"; "nothing to hide")]
    #[test_case("nats://me:p@ss@host:1" => "nats://host:1"; "a password with an at sign")]
    #[test_case("tls://token@a:1,nats://b" => "tls://a:1,nats://b"; "a list")]
    #[test_case("me:secret@host" => "host"; "no scheme")]
    #[test_case("ws://u:p@host/path@x" => "ws://host/path@x"; "an at sign in the path")]
    fn credentials_are_left_out_of_messages(url: &str) -> String {
        without_credentials(url)
    }
}
