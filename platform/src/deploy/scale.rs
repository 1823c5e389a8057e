//! More pods, or fewer, for as long as nobody deploys another number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::component::NAMESPACE;
use super::plan::named;
use super::render::render;
use super::{Cause, Error, ROLLOUT_WITHIN, Setup};
use crate::manifest::Object;
use crate::project::Component;
use crate::rollout;

/// Kinds whose pods have a number.
const SCALED: [&str; 2] = ["Deployment", "StatefulSet"];

/// Has a workload of a component, such as `("Deployment", "rating-service")`, run so many pods, and waits until they do.
///
/// # Errors
/// When there is no such component or it has no such workload, when an autoscaler decides about it, or when the pods do not come up.
pub async fn scale(
    setup: &Setup,
    component: &str,
    workload: (&str, &str),
    replicas: u32,
    timeout: Option<Duration>,
) -> Result<(), Error> {
    let component = named(&setup.project, component)?;
    setup
        .unless_cancelled(Box::pin(scaled(setup, component, workload, replicas, timeout)))
        .await?
        .map_err(|cause| Error::Component {
            operation: "scale",
            component: component.name.clone(),
            cause,
        })
}

async fn scaled(
    setup: &Setup,
    component: &Component,
    (kind, name): (&str, &str),
    replicas: u32,
    timeout: Option<Duration>,
) -> Result<(), Cause> {
    let nothing = || Cause::NotScaled {
        workload: format!("{kind} {name}"),
    };
    let deployment = component.deployment.as_ref().ok_or_else(nothing)?;
    let rendered = render(setup, &component.name, deployment, &BTreeMap::new()).await?;
    let is_meant = |object: &Object| {
        object.group() == "apps"
            && SCALED.contains(&object.kind())
            && (object.kind(), object.name()) == (kind, name)
    };
    let mut workload = rendered.objects.into_iter().find(is_meant).ok_or_else(nothing)?;
    if workload.namespace().is_none() {
        workload.set_namespace(deployment.namespace.as_deref().unwrap_or(NAMESPACE));
    }
    let cluster = &setup.target.cluster;
    if let Some(autoscaler) = cluster.autoscaler_of(&workload).await? {
        return Err(Cause::Autoscaled {
            workload: workload.id().to_string(),
            autoscaler,
        });
    }
    cluster.scale(&workload, replicas).await?;
    let options = rollout::Options {
        limit: timeout.or(deployment.wait).unwrap_or(ROLLOUT_WITHIN),
        fail_fast: true,
        beside: rollout::Beside::default(),
    };
    let Setup { events, cancel, .. } = setup;
    rollout::wait(cluster, &component.name, &[workload], &options, events, cancel).await?;
    Ok(())
}
