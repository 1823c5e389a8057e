//! The number of a workload's pods.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use kube::api::{ListParams, Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use super::{Cluster, Error};
use crate::manifest::Object;

impl Cluster {
    /// Has a `Deployment` or `StatefulSet` run so many pods. The number belongs to us from then on, until somebody takes it.
    ///
    /// # Errors
    /// When it is not there, or the API server refuses.
    pub(crate) async fn scale(&self, workload: &Object, replicas: u32) -> Result<(), Error> {
        let kind = GroupVersionKind::gvk(workload.group(), "v1", workload.kind());
        let kind = ApiResource::from_gvk(&kind);
        let namespace = workload.namespace().unwrap_or("default");
        let api: Api<DynamicObject> = Api::namespaced_with(self.client().clone(), namespace, &kind);
        let patch = json!({"spec": {"replicas": replicas}});
        let params = PatchParams {
            field_manager: Some("ratectl-scale".to_owned()),
            ..PatchParams::default()
        };
        let patched = api
            .patch_scale(workload.name(), &params, &Patch::Merge(&patch))
            .await;
        let operation = || format!("scale {}", workload.id());
        patched.map(drop).map_err(|error| self.failed(operation(), error))
    }

    /// The autoscaler that has the say about a workload's number of pods.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub(crate) async fn autoscaler_of(&self, workload: &Object) -> Result<Option<String>, Error> {
        let namespace = workload.namespace().unwrap_or("default");
        let api: Api<HorizontalPodAutoscaler> = Api::namespaced(self.client().clone(), namespace);
        let listed = api.list(&ListParams::default()).await;
        let failed = |error| self.failed(format!("list the HorizontalPodAutoscalers of {namespace}"), error);
        let found = listed.map_err(failed)?.items.into_iter().find(|it| {
            let target = it.spec.as_ref().map(|spec| &spec.scale_target_ref);
            target.is_some_and(|target| target.kind == workload.kind() && target.name == workload.name())
        });
        Ok(found.map(|it| it.name_any()))
    }
}
