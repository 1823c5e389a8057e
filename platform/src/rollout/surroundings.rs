//! What is around the workloads of one namespace: their pods, the sets between, and the cluster's warnings.

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::Api;
use kube::runtime::watcher::Config;

use super::scene::Scene;
use crate::kubernetes::Cluster;
use crate::kubernetes::watched::Watched;

/// The watches of one namespace.
pub(super) struct Surroundings {
    pods: Watched<Pod>,
    sets: Watched<ReplicaSet>,
    warnings: Watched<Event>,
}

impl Surroundings {
    /// Begins to watch.
    pub(super) fn new(cluster: &Cluster, namespace: &str) -> Self {
        let client = cluster.client();
        let warnings = Config::default().fields("type=Warning");
        Self {
            pods: Watched::new(Api::namespaced(client.clone(), namespace), Config::default()),
            sets: Watched::new(Api::namespaced(client.clone(), namespace), Config::default()),
            warnings: Watched::new(Api::namespaced(client.clone(), namespace), warnings),
        }
    }

    /// Waits until something is new.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            () = self.pods.changed() => {}
            () = self.sets.changed() => {}
            () = self.warnings.changed() => {}
        }
    }

    /// What is known. What may not be looked at counts as not there; until pods and sets are listed there is nothing to say.
    pub(super) fn scene(&self) -> Option<Scene<'_>> {
        if (self.pods.objects().is_none() && !self.pods.is_forbidden())
            || (self.sets.objects().is_none() && !self.sets.is_forbidden())
        {
            return None;
        }
        Some(Scene {
            pods: self
                .pods
                .objects()
                .into_iter()
                .flatten()
                .map(|(_, pod)| pod)
                .collect(),
            sets: self
                .sets
                .objects()
                .into_iter()
                .flatten()
                .map(|(_, set)| set)
                .collect(),
            warnings: self
                .warnings
                .objects()
                .into_iter()
                .flatten()
                .map(|(_, warning)| warning)
                .collect(),
            ..Scene::default()
        })
    }
}
