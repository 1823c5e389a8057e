//! What a forward leads to.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Serialize;

/// A port of something in a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct To {
    /// Where it is.
    pub namespace: String,
    /// What has the pods.
    pub what: What,
    /// Which port: of the Service for a Service, of the pods' containers for anything else.
    pub port: Port,
}

/// What has the pods.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The pods behind a Service.
    Service(String),
    /// The pods of a Deployment.
    Deployment(String),
    /// The pods of a `StatefulSet`.
    StatefulSet(String),
    /// The pods of a `DaemonSet`.
    DaemonSet(String),
    /// One pod, and whichever has its name later.
    Pod(String),
    /// Every pod with these labels.
    Pods(LabelSelector),
}

/// A port, as people name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Port {
    /// The first one.
    #[serde(serialize_with = "first")]
    First,
    /// By number.
    Number(u16),
    /// By name.
    Name(String),
}

fn first<S: serde::Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}

impl To {
    /// A Service's port.
    pub fn service(namespace: impl Into<String>, name: impl Into<String>, port: Port) -> Self {
        Self {
            namespace: namespace.into(),
            what: What::Service(name.into()),
            port,
        }
    }
}

impl fmt::Display for To {
    /// `rating/proxy:8080`, `deployment/rating/proxy:http`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = &self.namespace;
        match &self.what {
            What::Service(name) => write!(f, "{namespace}/{name}")?,
            What::Deployment(name) => write!(f, "deployment {namespace}/{name}")?,
            What::StatefulSet(name) => write!(f, "statefulset {namespace}/{name}")?,
            What::DaemonSet(name) => write!(f, "daemonset {namespace}/{name}")?,
            What::Pod(name) => write!(f, "pod {namespace}/{name}")?,
            What::Pods(_) => write!(f, "pods in {namespace}")?,
        }
        match &self.port {
            Port::First => Ok(()),
            port => write!(f, ":{port}"),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::First => f.write_str("the first port"),
            Port::Number(number) => write!(f, "{number}"),
            Port::Name(name) => f.write_str(name),
        }
    }
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Port::Number(number)
    }
}
