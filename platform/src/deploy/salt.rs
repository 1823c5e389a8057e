//! Salts of Secrets: random, made once, and kept in the Secret itself.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::{Cause, Setup};
use crate::kubernetes::Cluster;
use crate::manifest::{self, Id, Object, SALT};
use crate::random;

/// Hexadecimal digits of a salt.
const DIGITS: usize = 32;

/// Marks pod templates with what their pods read, see [`manifest::with_configuration`]; `namespace` is that of objects that name none.
///
/// # Errors
/// When the cluster does not tell which salts there are, or Ctrl-C came.
pub(super) async fn mark(setup: &Setup, namespace: &str, objects: &mut [Object]) -> Result<(), Cause> {
    let cluster = &setup.target.cluster;
    let asking = manifest::read_secrets(objects).into_iter().map(|id| async {
        let salt = match known(cluster, namespace, &id).await? {
            Some(salt) => salt,
            None => random::digits().map_err(Cause::NoRandomNumbers)?,
        };
        Ok::<_, Cause>((id, salt))
    });
    let salts: Vec<(Id, String)> = tokio::select! {
        biased;
        () = setup.cancel.cancelled() => return Err(Cause::Cancelled),
        salts = try_join_all(asking) => salts?,
    };
    manifest::with_configuration(objects, &BTreeMap::from_iter(salts));
    Ok(())
}

/// The salt of a Secret that is there. Its content is not asked for.
async fn known(cluster: &Cluster, namespace: &str, id: &Id) -> Result<Option<String>, Cause> {
    let namespace = id.namespace.as_deref().unwrap_or(namespace);
    let api: Api<Secret> = Api::namespaced(cluster.client().clone(), namespace);
    let found = api.get_metadata_opt(&id.name).await;
    let found =
        found.map_err(|error| cluster.failed(format!("get Secret {namespace}/{}", id.name), error))?;
    let annotations = found.and_then(|found| found.metadata.annotations);
    let salt = annotations.and_then(|mut annotations| annotations.remove(SALT));
    Ok(salt.filter(|salt| salt.len() >= DIGITS))
}
