//! What of a project is in a cluster already.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;

use super::component::namespace;
use super::plan::deployable;
use crate::inventory;
use crate::kubernetes::{Cluster, Error};
use crate::project::Project;

/// The components that have an inventory. Each is asked for where it would lie: nobody has to be allowed to see all namespaces.
pub(super) async fn components(project: &Project, cluster: &Cluster) -> Result<BTreeSet<String>, Error> {
    let asking = deployable(project).map(|(component, _)| async {
        let namespace = namespace(project, &component.name);
        let name = inventory::name(&project.name, &component.name);
        let api: Api<ConfigMap> = Api::namespaced(cluster.client().clone(), namespace);
        let found = api.get_metadata_opt(&name).await;
        let found =
            found.map_err(|error| cluster.failed(format!("get ConfigMap {namespace}/{name}"), error))?;
        Ok(found.map(|_| component.name.clone()))
    });
    Ok(try_join_all(asking).await?.into_iter().flatten().collect())
}
