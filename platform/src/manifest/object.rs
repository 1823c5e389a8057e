//! One object, and what names it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::scope::Scope;

/// A Kubernetes object as it is written: a map with `apiVersion`, `kind` and `metadata.name`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Object(Value);

/// What names an object in a cluster. The version is no part of it: the same object is served in several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Id {
    /// The API group; empty for the core.
    pub group: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// `None` for what is not namespaced, or names no namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl Object {
    /// The value as an object; `None` when it lacks `apiVersion`, `kind` or `metadata.name`.
    pub fn new(value: Value) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let complete = ["/apiVersion", "/kind", "/metadata/name"]
            .into_iter()
            .all(|pointer| text(pointer).is_some_and(|text| !text.is_empty()));
        complete.then_some(Self(value))
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// All of it, to be changed. Its names must stay.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// Such as `apps/v1`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// Such as `Deployment`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The namespace that it names.
    pub fn namespace(&self) -> Option<&str> {
        self.0.pointer("/metadata/namespace").and_then(Value::as_str)
    }

    /// Whether it names no namespace and may have to: everything but what is known to belong to a whole cluster. Of custom resources only the
    /// cluster knows; where it says that they are namespaced, the namespace is the component's.
    pub fn needs_namespace(&self) -> bool {
        self.namespace().is_none() && Scope::of(self.group(), self.kind()) != Scope::Cluster
    }

    /// Puts it into a namespace.
    pub fn set_namespace(&mut self, namespace: &str) {
        if let Some(metadata) = self.0["metadata"].as_object_mut() {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
    }

    /// The API group; empty for the core.
    pub fn group(&self) -> &str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }

    /// What names it.
    pub fn id(&self) -> Id {
        Id {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    fn text(&self, pointer: &str) -> &str {
        self.0
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

impl fmt::Display for Id {
    /// `Deployment rating/proxy`, `ClusterRole nack`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}
