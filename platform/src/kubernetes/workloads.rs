//! Workloads: what runs in the cluster, from which images, and how well.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use kube::Api;
use kube::api::ListParams;
use serde::Serialize;

use super::images::{self, RunningImage};
use super::rollout::{self, Counts, Rollout};
use super::selector::{label, selects};
use super::{Cluster, Error, pods};

/// The label by which a Deployment's `ReplicaSet` knows its pods.
const TEMPLATE_HASH: &str = "pod-template-hash";
/// The annotation by which a Deployment counts its templates.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Something that keeps pods running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Where it is.
    pub namespace: String,
    /// `Deployment`, `StatefulSet` or `DaemonSet`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its labels.
    #[serde(skip)]
    pub labels: BTreeMap<String, String>,
    /// Pods that there should be.
    pub wanted: i32,
    /// Pods of the newest template.
    pub updated: i32,
    /// Pods that are ready.
    pub ready: i32,
    /// What its pods really run, one for each container and digest.
    pub images: Vec<RunningImage>,
    /// How it is.
    #[serde(flatten)]
    pub health: Health,
}

/// How a workload is. As JSON beside its fields: `"health":"degraded","reason":"…"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "health", content = "reason", rename_all = "kebab-case")]
pub enum Health {
    /// As it should be.
    Ready,
    /// On its way there.
    Progressing(String),
    /// Not, and it will not be by itself, or not soon.
    Degraded(String),
}

/// Everything that is looked at together.
struct Listing {
    pods: Vec<Pod>,
    replica_sets: Vec<ReplicaSet>,
}

impl Cluster {
    /// The workloads by namespace, kind and name; those of `kube-system` only with `system`.
    ///
    /// # Errors
    /// When the API server does not answer or refuses.
    pub async fn workloads(&self, system: bool) -> Result<Vec<Workload>, Error> {
        let (deployments, stateful_sets, daemon_sets, replica_sets, pods) = tokio::try_join!(
            self.list::<Deployment>("Deployments", system),
            self.list::<StatefulSet>("StatefulSets", system),
            self.list::<DaemonSet>("DaemonSets", system),
            self.list::<ReplicaSet>("ReplicaSets", system),
            self.list::<Pod>("pods", system),
        )?;
        let listing = Listing { pods, replica_sets };
        let mut workloads: Vec<Workload> = Vec::new();
        workloads.extend(
            deployments
                .iter()
                .map(|deployment| listing.deployment(deployment)),
        );
        workloads.extend(stateful_sets.iter().map(|set| listing.stateful_set(set)));
        workloads.extend(daemon_sets.iter().map(|set| listing.daemon_set(set)));
        workloads.sort_by(|a, b| (&a.namespace, a.kind, &a.name).cmp(&(&b.namespace, b.kind, &b.name)));
        Ok(workloads)
    }

    async fn list<K>(&self, what: &str, system: bool) -> Result<Vec<K>, Error>
    where
        K: kube::Resource<DynamicType = ()> + Clone + serde::de::DeserializeOwned + std::fmt::Debug,
    {
        let outside = ListParams::default().fields("metadata.namespace!=kube-system");
        let params = if system { ListParams::default() } else { outside };
        let listed = Api::<K>::all(self.client.clone()).list(&params).await;
        let listed = listed.map_err(|error| self.failed(format!("list {what}"), error))?;
        Ok(listed.items)
    }
}

impl Listing {
    fn deployment(&self, deployment: &Deployment) -> Workload {
        let selector = deployment.spec.as_ref().map(|spec| &spec.selector);
        let newest = self.newest_template(&deployment.metadata);
        let of_newest = |pod: &Pod| newest.is_none() || label(pod, TEMPLATE_HASH) == newest;
        let counts = rollout::deployment_counts(deployment);
        self.workload(
            "Deployment",
            &deployment.metadata,
            selector,
            counts,
            rollout::deployment(deployment),
            of_newest,
        )
    }

    fn stateful_set(&self, set: &StatefulSet) -> Workload {
        let selector = set.spec.as_ref().map(|spec| &spec.selector);
        let counts = rollout::stateful_set_counts(set);
        self.workload(
            "StatefulSet",
            &set.metadata,
            selector,
            counts,
            rollout::stateful_set(set),
            |_| true,
        )
    }

    fn daemon_set(&self, set: &DaemonSet) -> Workload {
        let selector = set.spec.as_ref().map(|spec| &spec.selector);
        let counts = rollout::daemon_set_counts(set);
        self.workload(
            "DaemonSet",
            &set.metadata,
            selector,
            counts,
            rollout::daemon_set(set),
            |_| true,
        )
    }

    fn workload(
        &self,
        kind: &'static str,
        metadata: &ObjectMeta,
        selector: Option<&LabelSelector>,
        counts: Counts,
        rollout: Rollout,
        of_newest: impl Fn(&Pod) -> bool,
    ) -> Workload {
        let namespace = metadata.namespace.clone().unwrap_or_default();
        let belongs = |pod: &&Pod| {
            pod.metadata.namespace.as_deref() == Some(&namespace)
                && selector.is_some_and(|selector| selects(selector, pod))
        };
        let pods: Vec<&Pod> = self.pods.iter().filter(belongs).collect();
        let newest: Vec<&Pod> = pods.iter().copied().filter(|pod| of_newest(pod)).collect();
        Workload {
            kind,
            name: metadata.name.clone().unwrap_or_default(),
            wanted: counts.wanted,
            updated: counts.updated,
            ready: counts.ready,
            images: images::running(&pods),
            labels: metadata.labels.clone().unwrap_or_default(),
            health: health(rollout, &newest),
            namespace,
        }
    }

    /// The template hash of a Deployment's newest `ReplicaSet`: only its pods say how the rollout goes.
    fn newest_template(&self, deployment: &ObjectMeta) -> Option<&str> {
        let ours = self.replica_sets.iter().filter(|set| {
            let owners = set.metadata.owner_references.iter().flatten();
            deployment.uid.is_some()
                && owners
                    .into_iter()
                    .any(|owner| Some(&owner.uid) == deployment.uid.as_ref())
        });
        let newest = ours.max_by_key(|set| {
            let annotations = set.metadata.annotations.as_ref();
            let revision = annotations.and_then(|annotations| annotations.get(REVISION));
            revision
                .and_then(|revision| revision.parse::<u64>().ok())
                .unwrap_or(0)
        });
        let labels = newest.and_then(|set| set.metadata.labels.as_ref());
        labels
            .and_then(|labels| labels.get(TEMPLATE_HASH))
            .map(String::as_str)
    }
}

/// What the rollout and the pods say together. A rollout that waits is Degraded when a pod of it is in a state that waiting does not mend.
fn health(rollout: Rollout, pods: &[&Pod]) -> Health {
    let stuck = pods
        .iter()
        .find_map(|pod| pods::is_stuck(pod).then(|| pods::trouble(pod)).flatten());
    let trouble = || pods.iter().find_map(|pod| pods::trouble(pod));
    match (rollout, stuck) {
        (Rollout::Done, _) => Health::Ready,
        (Rollout::Failing(reason) | Rollout::Failed(reason), None) => {
            Health::Degraded(trouble().map_or(reason.clone(), |pod| format!("{reason} ({pod})")))
        }
        (Rollout::Failing(reason) | Rollout::Failed(reason) | Rollout::Progressing(reason), Some(stuck)) => {
            Health::Degraded(format!("{reason} ({stuck})"))
        }
        (Rollout::Progressing(reason), None) => {
            Health::Progressing(trouble().map_or(reason.clone(), |pod| format!("{reason} ({pod})")))
        }
    }
}

#[cfg(test)]
mod tests;
