//! New pods without any other change.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::component::NAMESPACE;
use super::plan::named;
use super::render::render;
use super::{Cause, Error, ROLLOUT_WITHIN, Setup};
use crate::manifest::{Id, Object};
use crate::project::Component;
use crate::rollout;

/// Kinds whose pods are replaced when their template changes.
const RESTARTED: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// Replaces all pods of a component, as gently as its workloads say, and waits until the new ones run. The workloads that were restarted.
///
/// # Errors
/// When there is no such component, when it was never deployed, or when the new pods do not come up.
pub async fn restart(setup: &Setup, component: &str, timeout: Option<Duration>) -> Result<Vec<Id>, Error> {
    let component = named(&setup.project, component)?;
    setup
        .unless_cancelled(Box::pin(restarted(setup, component, timeout)))
        .await?
        .map_err(|cause| Error::Component {
            operation: "restart",
            component: component.name.clone(),
            cause,
        })
}

async fn restarted(
    setup: &Setup,
    component: &Component,
    timeout: Option<Duration>,
) -> Result<Vec<Id>, Cause> {
    let Some(deployment) = &component.deployment else {
        return Ok(Vec::new());
    };
    let rendered = render(setup, &component.name, deployment, &BTreeMap::new()).await?;
    let namespace = deployment.namespace.as_deref().unwrap_or(NAMESPACE);
    let mut workloads: Vec<Object> = rendered.objects.into_iter().filter(is_restarted).collect();
    for workload in &mut workloads {
        if workload.namespace().is_none() {
            workload.set_namespace(namespace);
        }
    }
    let at = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let cluster = &setup.target.cluster;
    let patches = workloads.iter().map(|workload| cluster.restart(workload, &at));
    try_join_all(patches).await?;
    let options = rollout::Options {
        limit: timeout.or(deployment.wait).unwrap_or(ROLLOUT_WITHIN),
        fail_fast: true,
        beside: rollout::Beside::default(),
    };
    let Setup { events, cancel, .. } = setup;
    rollout::wait(cluster, &component.name, &workloads, &options, events, cancel).await?;
    Ok(workloads.iter().map(Object::id).collect())
}

fn is_restarted(object: &Object) -> bool {
    object.group() == "apps" && RESTARTED.contains(&object.kind())
}
