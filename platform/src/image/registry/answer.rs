//! What a registry answers, in words.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Characters of a refusal that are repeated.
const LONGEST_SAID: usize = 300;
/// The longest wait that a registry may ask for.
const LONGEST_WAIT: u64 = 20;

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the same question may soon be answered otherwise.
    pub(super) fn is_passing(&self) -> bool {
        let busy = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::GATEWAY_TIMEOUT,
        ];
        busy.contains(&self.status) && self.wait().is_none_or(|seconds| seconds <= LONGEST_WAIT)
    }

    /// How long it wants us to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.wait().map(Duration::from_secs)
    }

    fn wait(&self) -> Option<u64> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
    }

    /// Why it refuses, for people.
    pub(super) fn reason(&self, host: &str, with_credentials: bool) -> String {
        let said = self.said();
        let said = |words: String| {
            if said.is_empty() {
                words
            } else {
                format!("{words} ({said})")
            }
        };
        match self.status {
            StatusCode::UNAUTHORIZED if with_credentials => said(format!(
                "it does not take the credentials in Docker's settings; `docker login {host}` writes them anew"
            )),
            StatusCode::UNAUTHORIZED => said(format!(
                "it wants credentials and Docker's settings have none for it; `docker login {host}` stores them"
            )),
            StatusCode::FORBIDDEN if with_credentials => {
                said("the user of the credentials in Docker's settings may not do that".to_owned())
            }
            StatusCode::FORBIDDEN => said(format!(
                "not without credentials; `docker login {host}` stores them"
            )),
            StatusCode::NOT_FOUND => said("it has no such repository, and makes none".to_owned()),
            StatusCode::TOO_MANY_REQUESTS => said(match self.wait() {
                Some(seconds) => format!("too many requests; it says to wait {seconds} s"),
                None => "too many requests; try again later".to_owned(),
            }),
            StatusCode::PAYLOAD_TOO_LARGE => {
                said("that is too large for it, or for a proxy before it".to_owned())
            }
            _ if self.is_full() => said("its disk is full".to_owned()),
            status if status.is_server_error() => {
                said(format!("it has failed and answers {}", status.as_u16()))
            }
            status => said(format!("it answers {}", status.as_u16())),
        }
    }

    fn is_full(&self) -> bool {
        let body = String::from_utf8_lossy(&self.body).to_lowercase();
        self.status == StatusCode::INSUFFICIENT_STORAGE
            || body.contains("no space left")
            || body.contains("disk quota exceeded")
            || body.contains("xminiostoragefull")
    }

    /// Its own words on one line: code, message, and detail where that is text.
    fn said(&self) -> String {
        let errors: Option<Value> = serde_json::from_slice(&self.body).ok();
        let error = errors.as_ref().and_then(|errors| errors.pointer("/errors/0"));
        let text = |key: &str| error.and_then(|error| Some(error.get(key)?.as_str()?.trim().to_owned()));
        let deeper = error.and_then(|error| Some(error.pointer("/detail/Err")?.to_string()));
        let parts = [
            text("message").or_else(|| text("code")),
            text("detail").or(deeper),
        ];
        let said: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        let said: String = said.join(": ").chars().take(LONGEST_SAID).collect();
        crate::plain_line::plain_line(&said)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(401, "", false; "no credentials")]
    #[test_case(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#, true; "wrong credentials")]
    #[test_case(403, r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#, true; "no right")]
    #[test_case(404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":{"name":"a"}}]}"#, false; "no repository")]
    #[test_case(413, "<html>Request Entity Too Large</html>", false; "too large")]
    #[test_case(429, r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#, false; "too often")]
    #[test_case(500, r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"DriverName":"filesystem","Err":{"Op":"mkdir","Err":28}}}]}"#, false; "an unknown failure")]
    #[test_case(500, r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"write /var/lib: no space left on device"}]}"#, false; "full")]
    #[test_case(502, "\u{1b}[31mBad Gateway", false; "no JSON")]
    fn a_refusal_is_put_into_words(status: u16, body: &str, with_credentials: bool) {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let reason = answer.reason("registry.example", with_credentials);
        let test = std::thread::current();
        let name = test
            .name()
            .unwrap_or_default()
            .rsplit("::")
            .next()
            .unwrap_or_default()
            .to_owned();
        insta::assert_snapshot!(name, reason);
    }
}
