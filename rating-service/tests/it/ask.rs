//! Requests as a proxy would hand them over, and answers as a client reads them.

use bytes::Bytes;
use contract::envelope::{Reply, Request, Version};
use contract::subject::Path;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use uuid::Uuid;

/// A request being put together.
#[derive(Clone, Debug)]
pub(crate) struct Ask(pub(crate) Request);

impl Ask {
    /// `target` is a path with or without a query.
    pub(crate) fn new(method: Method, target: &str) -> Self {
        let (path, query) = target
            .split_once('?')
            .map_or((target, None), |(path, query)| (path, Some(query)));
        Self(Request {
            version: Version::V2,
            id: Uuid::now_v7(),
            reply_to: "_PX.test.0.r.1".to_owned(),
            method,
            path: Path::parse(path).unwrap(),
            query: query.map(str::to_owned),
            timeout: None,
            deadline_unix_ms: None,
            attempt: 1,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new(Method::GET, target)
    }

    pub(crate) fn post(target: &str, body: &Value) -> Self {
        Self::new(Method::POST, target).json(body)
    }

    pub(crate) fn put(target: &str, if_match: &str, body: &Value) -> Self {
        Self::new(Method::PUT, target)
            .header("if-match", if_match)
            .json(body)
    }

    pub(crate) fn delete(target: &str) -> Self {
        Self::new(Method::DELETE, target)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.0.body = body.into();
        self.header("content-type", media_type)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.0.headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    /// The same request again, as another one: with an id of its own.
    pub(crate) fn again(&self) -> Self {
        let mut other = self.clone();
        other.0.id = Uuid::now_v7();
        other
    }
}

/// Reads answers.
pub(crate) trait Answer {
    fn json(&self) -> Value;
    fn header(&self, name: &str) -> Option<&str>;

    fn etag(&self) -> &str {
        self.header("etag").unwrap()
    }

    /// The id of the resource in the body.
    fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    /// The fields a problem document names, in its order.
    fn fields(&self) -> Vec<String> {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The ids of the items of a list.
    fn ids(&self) -> Vec<String> {
        let list = self.json();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Answer for Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
