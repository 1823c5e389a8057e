//! New pods for a workload.

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;

use super::{Cluster, Error};
use crate::manifest::Object;

/// The annotation of a pod template by which `kubectl rollout restart` has pods replaced, too.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

impl Cluster {
    /// Has the pods of a `Deployment`, `StatefulSet` or `DaemonSet` replaced. Of whoever applies it nothing is taken: the annotation is
    /// no manifest's.
    ///
    /// # Errors
    /// When it is not there, or the API server refuses.
    pub(crate) async fn restart(&self, workload: &Object, at: &str) -> Result<(), Error> {
        let kind = GroupVersionKind::gvk(workload.group(), "v1", workload.kind());
        let kind = ApiResource::from_gvk(&kind);
        let namespace = workload.namespace().unwrap_or("default");
        let api: Api<DynamicObject> = Api::namespaced_with(self.client().clone(), namespace, &kind);
        let patch = json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: at}}}}});
        let params = PatchParams {
            field_manager: Some("ratectl-restart".to_owned()),
            ..PatchParams::default()
        };
        let patched = api.patch(workload.name(), &params, &Patch::Merge(&patch)).await;
        let operation = || format!("restart {}", workload.id());
        patched.map(drop).map_err(|error| self.failed(operation(), error))
    }
}
