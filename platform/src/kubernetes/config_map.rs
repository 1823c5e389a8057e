//! The few `ConfigMap`s that are ours to write, each by server-side apply: keys of others in them stay.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams};
use tokio::time::Instant;

use super::{Cluster, Error};
use crate::event::Outcome;

/// Who we are to the API server.
pub(super) const FIELD_MANAGER: &str = "ratectl";
/// How often a namespace is looked for that is being made.
const POLL: Duration = Duration::from_millis(50);

impl Cluster {
    /// Makes these keys what they should be, unless the map `is_right` already. A namespace that is not there is waited for.
    pub(super) async fn ensure_config_map(
        &self,
        namespace: &str,
        name: &str,
        data: &BTreeMap<String, String>,
        is_right: impl Fn(&ConfigMap) -> bool,
        namespace_within: Duration,
    ) -> Result<Outcome, Error> {
        let api = Api::<ConfigMap>::namespaced(self.client.clone(), namespace);
        let deadline = Instant::now() + namespace_within;
        loop {
            let outcome = self.apply_config_map(&api, name, data, &is_right).await;
            match outcome {
                Err(kube::Error::Api(status)) if status.code == 404 && Instant::now() < deadline => {
                    tokio::time::sleep(POLL).await;
                }
                outcome => {
                    let operation = format!("write ConfigMap {namespace}/{name}");
                    return outcome.map_err(|error| self.failed(operation, error));
                }
            }
        }
    }

    async fn apply_config_map(
        &self,
        api: &Api<ConfigMap>,
        name: &str,
        data: &BTreeMap<String, String>,
        is_right: &impl Fn(&ConfigMap) -> bool,
    ) -> Result<Outcome, kube::Error> {
        let known = api.get_opt(name).await?;
        if known.as_ref().is_some_and(is_right) {
            return Ok(Outcome::Unchanged);
        }
        let patch = serde_json::json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data,
        });
        // These keys are ours, whoever wrote them last.
        let params = PatchParams::apply(FIELD_MANAGER).force();
        api.patch(name, &params, &Patch::Apply(&patch)).await?;
        Ok(if known.is_some() {
            Outcome::Repaired
        } else {
            Outcome::Created
        })
    }
}
