//! Requests for objects of any kind, with a time limit and a few more tries where the server asks for them.

use std::fmt::Write as _;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use kube::Client;
use kube::core::Status;
use serde_json::Value;

use super::kinds::Kind;
use crate::kubernetes::Cause;

/// How long one request may take; admission webhooks may take 30 s by themselves.
const LIMIT: Duration = Duration::from_secs(35);
/// How often a request is sent that an overloaded server turns away.
const TRIES: u32 = 4;
/// The pause after the first refusal; it doubles.
const PAUSE: Duration = Duration::from_millis(150);

/// Why a request has brought nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server says why.
    Refused(Box<Status>),
    /// The server has said nothing for so long.
    Silent(Duration),
    /// There is no way to the server, or the answer makes no sense.
    Lost(Cause),
}

/// How objects that depend on a deleted one are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dependents {
    /// They go first.
    First,
    /// They go by themselves, after it; what nothing depends on is gone at once.
    Later,
    /// They stay.
    Stay,
}

/// A server-side apply: as whom, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Apply<'a> {
    pub(crate) manager: &'a str,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
}

/// The API server.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
}

impl Api {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The object, or `None` if there is none.
    pub(crate) async fn get(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Value>, Trouble> {
        let path = path(kind, namespace, Some(name));
        absent_is_none(self.send(Method::GET, &path, "", &[]).await)
    }

    /// What of that kind is in the namespace, or anywhere; at most `limit` of them.
    pub(crate) async fn list(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        selector: &str,
        limit: u32,
    ) -> Result<Vec<Value>, Trouble> {
        let mut path = format!("{}?limit={limit}", path(kind, namespace, None));
        if !selector.is_empty() {
            path.push_str("&labelSelector=");
            path.push_str(&encoded(selector));
        }
        let mut list = self.send(Method::GET, &path, "", &[]).await?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// Server-side apply; the object as it is afterwards, or would be.
    pub(crate) async fn apply(
        &self,
        kind: &Kind,
        object: &Value,
        apply: Apply<'_>,
    ) -> Result<Value, Trouble> {
        let (namespace, name) = names(object);
        let mut path = format!(
            "{}?fieldManager={}&fieldValidation=Strict",
            path(kind, namespace, Some(name)),
            encoded(apply.manager)
        );
        if apply.force {
            path.push_str("&force=true");
        }
        if apply.dry_run {
            path.push_str("&dryRun=All");
        }
        let body = object.to_string();
        self.send(
            Method::PATCH,
            &path,
            "application/apply-patch+yaml",
            body.as_bytes(),
        )
        .await
    }

    /// Creates an object that must not be there yet.
    pub(crate) async fn create(&self, kind: &Kind, object: &Value, manager: &str) -> Result<Value, Trouble> {
        let (namespace, _) = names(object);
        let path = format!(
            "{}?fieldManager={}",
            path(kind, namespace, None),
            encoded(manager)
        );
        let body = object.to_string();
        self.send(Method::POST, &path, "application/json", body.as_bytes())
            .await
    }

    /// Replaces an object; with a `resourceVersion` in it, only if it still has that one.
    pub(crate) async fn replace(&self, kind: &Kind, object: &Value, manager: &str) -> Result<Value, Trouble> {
        let (namespace, name) = names(object);
        let path = format!(
            "{}?fieldManager={}",
            path(kind, namespace, Some(name)),
            encoded(manager)
        );
        let body = object.to_string();
        self.send(Method::PUT, &path, "application/json", body.as_bytes())
            .await
    }

    /// Changes parts of an object by a JSON patch.
    pub(crate) async fn patch(&self, kind: &Kind, object: &Value, changes: &Value) -> Result<Value, Trouble> {
        let (namespace, name) = names(object);
        let path = path(kind, namespace, Some(name));
        let body = changes.to_string();
        self.send(
            Method::PATCH,
            &path,
            "application/json-patch+json",
            body.as_bytes(),
        )
        .await
    }

    /// Asks for an object's deletion if it is still the one with this UID. `false`: it was gone already.
    pub(crate) async fn delete(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        uid: &str,
        dependents: Dependents,
    ) -> Result<bool, Trouble> {
        let propagation = match dependents {
            Dependents::First => "Foreground",
            Dependents::Later => "Background",
            Dependents::Stay => "Orphan",
        };
        let options = serde_json::json!({
            "kind": "DeleteOptions", "apiVersion": "v1",
            "propagationPolicy": propagation, "preconditions": {"uid": uid},
        });
        let path = path(kind, namespace, Some(name));
        let body = options.to_string();
        let answer = self
            .send(Method::DELETE, &path, "application/json", body.as_bytes())
            .await;
        Ok(absent_is_none(answer)?.is_some())
    }

    async fn send(&self, method: Method, path: &str, content: &str, body: &[u8]) -> Result<Value, Trouble> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.send_once(&method, path, content, body).await {
                Err(Trouble::Refused(status)) if wants_another_try(&status) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
        self.send_once(&method, path, content, body).await
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        content: &str,
        body: &[u8],
    ) -> Result<Value, Trouble> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(ACCEPT, "application/json");
        if !content.is_empty() {
            request = request.header(CONTENT_TYPE, content);
        }
        let request = request.body(body.to_vec()).map_err(kube::Error::HttpError);
        let request = request.map_err(|error| Trouble::Lost(Cause::new(error)))?;
        match tokio::time::timeout(LIMIT, self.client.request::<Value>(request)).await {
            Err(_) => Err(Trouble::Silent(LIMIT)),
            Ok(Ok(value)) => Ok(value),
            Ok(Err(kube::Error::Api(status))) => Err(Trouble::Refused(status)),
            Ok(Err(error)) => Err(Trouble::Lost(Cause::new(error))),
        }
    }
}

/// Whether the server says that it is busy, not that it will not.
fn wants_another_try(status: &Status) -> bool {
    status.code == 429
        || status.code == 503
        || matches!(status.reason.as_str(), "ServerTimeout" | "TooManyRequests")
}

fn absent_is_none(answer: Result<Value, Trouble>) -> Result<Option<Value>, Trouble> {
    match answer {
        Err(Trouble::Refused(status)) if status.code == 404 => Ok(None),
        answer => answer.map(Some),
    }
}

fn names(object: &Value) -> (Option<&str>, &str) {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str);
    (
        text("/metadata/namespace"),
        text("/metadata/name").unwrap_or_default(),
    )
}

fn path(kind: &Kind, namespace: Option<&str>, name: Option<&str>) -> String {
    let root = if kind.api_version.contains('/') {
        "apis"
    } else {
        "api"
    };
    let mut path = format!("/{root}/{}", kind.api_version);
    for (part, value) in [
        ("namespaces/", namespace.filter(|_| kind.namespaced)),
        ("", Some(kind.plural.as_str())),
        ("", name),
    ] {
        if let Some(value) = value {
            path.push('/');
            path.push_str(part);
            path.push_str(&encoded(value));
        }
    }
    path
}

/// The text as a part of a URL's path or query.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(api_version: &str, namespaced: bool) -> Kind {
        Kind {
            api_version: api_version.to_owned(),
            name: "Thing".to_owned(),
            plural: "things".to_owned(),
            namespaced,
            listable: true,
        }
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let core = path(&kind("v1", true), Some("a"), Some("b"));
        assert_eq!(core, "/api/v1/namespaces/a/things/b");
        let cluster = path(&kind("rbac.example/v1", false), Some("ignored"), Some("system:x"));
        assert_eq!(cluster, "/apis/rbac.example/v1/things/system:x");
        assert_eq!(path(&kind("v1", true), None, None), "/api/v1/things");
    }

    #[test]
    fn a_name_cannot_lead_out_of_its_path() {
        let path = path(&kind("v1", true), Some("a"), Some("../../x?force=true"));
        assert_eq!(path, "/api/v1/namespaces/a/things/..%2F..%2Fx%3Fforce%3Dtrue");
    }

    #[test]
    fn a_busy_server_is_asked_again_and_a_refusal_is_final() {
        let status = |reason: &str, code| Status::failure("x", reason).with_code(code);
        assert!(wants_another_try(&status("TooManyRequests", 429)));
        assert!(wants_another_try(&status("ServerTimeout", 500)));
        assert!(!wants_another_try(&status("Conflict", 409)));
        assert!(!wants_another_try(&status("Forbidden", 403)));
    }
}
