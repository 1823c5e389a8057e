//! Taking components out of a cluster.

use serde::Serialize;

use super::component::namespace;
use super::plan::named;
use super::{ALL, Error, Plan, PlanError, Setup};
use crate::apply::{self, Applier, Removal, Removed};
use crate::project::deployment::StreamsBy;

/// A component that was taken out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Undeployed {
    /// Its name.
    pub component: String,
    /// What has gone, and what stays.
    #[serde(flatten)]
    pub removed: Removed,
}

/// Takes components out, those that need others before these; [`ALL`] stands for every one. A component that is not there is passed over.
/// With [`Removal::preview`] only says what would go.
///
/// # Errors
/// When there is no such component, or something cannot be removed.
pub async fn undeploy(
    setup: &Setup,
    components: &[String],
    removal: Removal,
) -> Result<Vec<Undeployed>, Error> {
    let wanted = wanted(setup, components)?;
    let there = setup.deployed().await?;
    let applier = Applier::new(&setup.target.cluster, apply::Options::new(&setup.project.name));
    let mut undeployed = Vec::new();
    for name in wanted.into_iter().filter(|name| there.contains(*name)) {
        let namespace = namespace(&setup.project, name);
        let removing = applier.undeploy(name, namespace, removal, &setup.events, &setup.cancel);
        let removed = removing.await.map_err(|error| Error::Component {
            operation: "remove",
            component: name.to_owned(),
            cause: error.into(),
        })?;
        undeployed.push(Undeployed {
            component: name.to_owned(),
            removed,
        });
    }
    Ok(undeployed)
}

/// The named components, in the opposite order of their needs.
fn wanted<'a>(setup: &'a Setup, components: &[String]) -> Result<Vec<&'a str>, PlanError> {
    let all = components.iter().any(|name| name == ALL);
    let mut wanted: Vec<&str> = Vec::new();
    for name in components.iter().filter(|name| *name != ALL) {
        wanted.push(&named(&setup.project, name)?.name);
    }
    let everything = Plan::of(&setup.project, StreamsBy::Nack, &[ALL.to_owned()], |_| true)?;
    let ordered = everything.ordered().into_iter().rev().map(|part| part.name);
    Ok(ordered.filter(|name| all || wanted.contains(name)).collect())
}
