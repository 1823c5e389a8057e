//! The object in the cluster that says which pods are meant, followed through its changes.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher;
use serde_json::Value;

use super::Error;
use super::selection::{self, Selection};
use super::target::{To, What};
use crate::kubernetes::Cluster;
use crate::kubernetes::watched::Watched;

/// What is watched.
pub(super) struct Source {
    to: To,
    object: Option<Watched<DynamicObject>>,
}

impl What {
    /// Such as `Service rating/proxy`.
    pub(super) fn title(&self, namespace: &str) -> String {
        match self {
            What::Pods(_) => format!("the selector in {namespace}"),
            what => format!("{} {namespace}/{}", what.kind(), what.name().unwrap_or_default()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            What::Service(_) => "Service",
            What::Deployment(_) => "Deployment",
            What::StatefulSet(_) => "StatefulSet",
            What::DaemonSet(_) => "DaemonSet",
            What::Pod(_) | What::Pods(_) => "Pod",
        }
    }

    /// Its name; a selector has none.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            What::Service(name)
            | What::Deployment(name)
            | What::StatefulSet(name)
            | What::DaemonSet(name)
            | What::Pod(name) => Some(name),
            What::Pods(_) => None,
        }
    }

    fn api(&self, cluster: &Cluster, namespace: &str) -> Api<DynamicObject> {
        let group = match self {
            What::Service(_) | What::Pod(_) | What::Pods(_) => "",
            What::Deployment(_) | What::StatefulSet(_) | What::DaemonSet(_) => "apps",
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", self.kind()));
        Api::namespaced_with(cluster.client().clone(), namespace, &resource)
    }
}

/// Looks at the object once.
pub(super) async fn look(cluster: &Cluster, to: &To) -> Result<Selection, Error> {
    let Some(name) = to.what.name() else {
        return selection::of(to, &Value::Null);
    };
    let title = to.what.title(&to.namespace);
    let object = to.what.api(cluster, &to.namespace).get_opt(name).await;
    let object = object.map_err(|error| cluster.failed(format!("read {title}"), error))?;
    let object = object.ok_or_else(|| Error::NotFound {
        what: title,
        cluster: cluster.name().to_owned(),
    })?;
    selection::of(to, &value(&object))
}

impl Source {
    /// Begins to follow.
    pub(super) fn follow(cluster: &Cluster, to: &To) -> Self {
        // A pod's ports are looked up in the pod itself.
        let watched = match &to.what {
            What::Pod(_) | What::Pods(_) => None,
            what => what.name().map(|name| {
                let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
                Watched::new(what.api(cluster, &to.namespace), config)
            }),
        };
        Self {
            to: to.clone(),
            object: watched,
        }
    }

    /// Waits until something is new.
    pub(super) async fn changed(&mut self) {
        match &mut self.object {
            Some(watched) => watched.changed().await,
            None => std::future::pending().await,
        }
    }

    /// What it selects now: `None` while that is not known, or why it selects nothing.
    pub(super) fn selection(&self) -> Option<Result<Selection, String>> {
        let objects = self.object.as_ref()?.objects()?;
        let Some(object) = objects.values().next() else {
            let title = self.to.what.title(&self.to.namespace);
            return Some(Err(format!("there is no {title}")));
        };
        let selected = selection::of(&self.to, &value(object));
        Some(selected.map_err(|error| error.to_string()))
    }
}

/// The selector that a workload or Service in a cluster has.
fn value(object: &DynamicObject) -> Value {
    object.data.clone()
}

impl To {
    /// Pods by their labels.
    pub fn pods(namespace: impl Into<String>, selector: LabelSelector, port: u16) -> Self {
        Self {
            namespace: namespace.into(),
            what: What::Pods(selector),
            port: super::Port::Number(port),
        }
    }
}
