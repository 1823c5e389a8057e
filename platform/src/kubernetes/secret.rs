//! Secrets that `ratectl` itself needs.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::{Cluster, Error};

impl Cluster {
    /// A `Secret`; `None` if there is none of this name.
    ///
    /// # Errors
    /// When the API server refuses.
    pub(crate) async fn secret(&self, namespace: &str, name: &str) -> Result<Option<Secret>, Error> {
        let api: Api<Secret> = Api::namespaced(self.client().clone(), namespace);
        let found = api.get_opt(name).await;
        found.map_err(|error| self.failed(format!("get Secret {namespace}/{name}"), error))
    }
}
