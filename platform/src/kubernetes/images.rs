//! The images that pods really run.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Pod;
use serde::Serialize;

/// An image that pods run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningImage {
    /// The container's name.
    pub container: String,
    /// As the pod asks for it.
    pub image: String,
    /// `sha256:…`, once it has been fetched.
    pub digest: Option<String>,
}

/// What these pods run, each once; those that are going do not count.
pub(super) fn running(pods: &[&Pod]) -> Vec<RunningImage> {
    let mut images = Vec::new();
    for pod in pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
    {
        let asked: BTreeMap<&str, &str> = pod
            .spec
            .iter()
            .flat_map(|spec| &spec.containers)
            .filter_map(|container| Some((container.name.as_str(), container.image.as_deref()?)))
            .collect();
        let statuses = pod
            .status
            .iter()
            .flat_map(|status| status.container_statuses.iter().flatten());
        let ids: BTreeMap<&str, &str> = statuses
            .map(|status| (status.name.as_str(), status.image_id.as_str()))
            .collect();
        images.extend(asked.into_iter().map(|(container, image)| RunningImage {
            container: container.to_owned(),
            image: image.to_owned(),
            digest: ids.get(container).and_then(|id| digest(id)),
        }));
    }
    images.sort();
    images.dedup();
    images
}

/// The digest in an image id: `docker.io/library/nats@sha256:…`, `docker-pullable://…@sha256:…` or the bare digest.
pub(super) fn digest(id: &str) -> Option<String> {
    let digest = id.rsplit('@').next()?;
    digest.starts_with("sha256:").then(|| digest.to_owned())
}
