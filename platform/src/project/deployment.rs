//! How a component gets into a cluster, and into which.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::image::Image;

/// A component's part in a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The folder of its manifests, absolute. Files of the folder itself are the base; those of a subfolder are an overlay of that name.
    pub manifests: Option<PathBuf>,
    /// Manifests that lie elsewhere, pinned.
    pub downloads: Vec<Download>,
    /// Charts whose objects belong to it, pinned.
    pub charts: Vec<Chart>,
    /// The namespace of objects that name none.
    pub namespace: Option<String>,
    /// The image that is built for it.
    pub image: Option<Image>,
    /// Components that must run before it, by their names (never an alias); each has a deployment, and none needs this one.
    pub needs: Vec<String>,
    /// How long its rollout may take; `None` for the program's default.
    pub wait: Option<Duration>,
    /// It is the controller that makes the streams (`streams.managedBy: nack`); without that job it is left out.
    pub manages_streams: bool,
}

/// A file of manifests somewhere else, known by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Download {
    /// `https://…`, never something that moves.
    pub url: String,
    /// SHA-256 of the file, 64 lowercase hexadecimal digits.
    pub sha256: String,
    /// Only with this overlay; `None` for always.
    pub overlay: Option<String>,
}

/// A Helm chart that is rendered by `helm template`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// The release's name.
    pub name: String,
    /// `oci://…`, `https://….tgz`, or a folder (absolute).
    pub chart: String,
    /// The exact version; always there for `oci://…`, `None` for the others.
    pub version: Option<String>,
    /// SHA-256 of the chart's archive, 64 lowercase hexadecimal digits; `None` for a folder, and where the version of an `oci://` chart
    /// alone says which one it is.
    pub sha256: Option<String>,
    /// The namespace it is rendered for; default: the component's.
    pub namespace: Option<String>,
    /// Files of values, absolute.
    pub values: Vec<PathBuf>,
    /// Only with this overlay; `None` for always.
    pub overlay: Option<String>,
}

/// Who makes streams and consumers in a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamsBy {
    /// The controller NACK, which a component is: the definitions are applied as Kubernetes resources.
    #[default]
    Nack,
    /// `ratectl` itself, through the JetStream API.
    Ratectl,
}

/// A place to deploy to. Profiles do not inherit from each other: what one does not say is the program's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The kubeconfig context; default: that of the project's cluster.
    pub context: Option<String>,
    /// The API server's URL, which the context must have; default: whatever the context has, for the project's own cluster only.
    pub server: Option<String>,
    /// The UID of the namespace `kube-system`, which the cluster must have; default: the one seen first.
    pub uid: Option<String>,
    /// Where images are pushed to and, unless `pull` says otherwise, pulled from, such as `localhost:5000` or `registry.example/team`.
    pub registry: Option<String>,
    /// The registry's name inside the cluster, where it differs.
    pub pull: Option<String>,
    /// Overlays, in the order in which they are merged; that of the gateway's class comes after them.
    pub overlays: Vec<String>,
    /// Asks for its name before anything is changed.
    pub protected: bool,
    /// The Cargo profile of its images; default: `release`.
    pub cargo_profile: Option<String>,
    /// `gateway.class` here; default: the project's.
    pub gateway_class: Option<String>,
    /// `streams.managedBy` here; default: the project's.
    pub streams_by: Option<StreamsBy>,
}
