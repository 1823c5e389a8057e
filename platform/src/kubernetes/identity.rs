//! Which cluster it is.

use std::io;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;

use super::{Cluster, Error};

/// The namespace that every cluster has, and whose UID no other has.
const SYSTEM: &str = "kube-system";
/// How long the answer may take. Nothing else is asked before it is there.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

impl Cluster {
    /// The UID of the namespace `kube-system`, which tells this cluster from every other; `None` when we may not know it.
    ///
    /// # Errors
    /// When the API server does not answer or does not know us.
    pub async fn system_uid(&self) -> Result<Option<String>, Error> {
        let api = Api::<Namespace>::all(self.client.clone());
        let answer = tokio::time::timeout(ANSWER_WITHIN, api.get_metadata(SYSTEM)).await;
        let late = |_| {
            let error = io::Error::new(io::ErrorKind::TimedOut, "no answer within 15 s");
            Err(kube::Error::Service(Box::new(error)))
        };
        match answer.unwrap_or_else(late) {
            Ok(namespace) => Ok(namespace.metadata.uid),
            Err(kube::Error::Api(status)) if status.code == 403 => Ok(None),
            Err(error) => Err(self.failed(format!("get namespace {SYSTEM}"), error)),
        }
    }
}
