//! What a deployment would change, object by object.

use std::collections::BTreeMap;

use serde::Serialize;

use super::component::{NAMESPACE, cargo_profile, image_setup};
use super::plan::Part;
use super::render::{Rendered, render};
use super::streams::jetstream;
use super::{Cause, Error, Setup, salt};
use crate::apply::{self, Applier, Difference};
use crate::manifest::{self, Id};
use crate::{image, streams};

/// What would change in a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Its name.
    pub component: String,
    /// Why its image would be built; empty if it would not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub build: String,
    /// Its objects that would be made, changed or pruned.
    pub objects: Vec<ObjectChange>,
    /// Its streams and consumers that would be made or changed, where `ratectl` makes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<streams::Difference>,
}

/// What would change in an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectChange {
    /// The object.
    #[serde(flatten)]
    pub id: Id,
    /// What would be done with it.
    pub action: Action,
    /// Line by line, as a unified diff of YAML; values of Secrets are masked.
    pub diff: String,
}

/// What a deployment would do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is not there.
    Create,
    /// It is there and differs.
    Change,
    /// It differs where it cannot be changed.
    Recreate,
    /// It is ours and not in the manifests any more; only `--prune` deletes it.
    Prune,
}

impl Changes {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.build.is_empty() && self.objects.is_empty() && self.streams.is_empty()
    }
}

impl ObjectChange {
    fn of(difference: Difference) -> Self {
        let action = match (&difference.live, &difference.wanted) {
            (None, _) => Action::Create,
            (_, None) => Action::Prune,
            _ if difference.recreated => Action::Recreate,
            _ => Action::Change,
        };
        let (live, wanted) = (
            difference.live.unwrap_or_default(),
            difference.wanted.unwrap_or_default(),
        );
        Self {
            id: difference.id,
            action,
            diff: manifest::diff(&live, &wanted),
        }
    }
}

/// What a deployment of these components would change, by a dry run of the API server. Builds and writes nothing.
///
/// # Errors
/// When there is no such component, or one cannot be compared.
pub async fn diff(setup: &Setup, components: &[String]) -> Result<Vec<Changes>, Error> {
    let plan = setup.plan(components).await?;
    let applier = Applier::new(&setup.target.cluster, apply::Options::new(&setup.project.name));
    let parts = plan.ordered();
    let comparing = parts.iter().map(|part| async {
        Box::pin(changes(setup, &applier, part))
            .await
            .map_err(|cause| Error::Component {
                operation: "compare",
                component: part.name.to_owned(),
                cause,
            })
    });
    setup
        .unless_cancelled(futures_util::future::try_join_all(comparing))
        .await?
}

async fn changes(setup: &Setup, applier: &Applier, part: &Part<'_>) -> Result<Changes, Cause> {
    let (images, build) = images(setup, part).await?;
    let rendered = render(setup, part.name, part.deployment, &images).await?;
    let Rendered {
        mut objects,
        definitions,
    } = rendered;
    let namespace = part.deployment.namespace.as_deref().unwrap_or(NAMESPACE);
    salt::mark(setup, namespace, &mut objects).await?;
    let comparing = applier.differences(part.name, namespace, objects, &setup.cancel);
    let streams = async {
        if definitions.streams.is_empty() && definitions.consumers.is_empty() {
            return Ok(Vec::new());
        }
        let connected = jetstream(setup).await?;
        let mut found = streams::diff(&connected.jetstream, &definitions).await?;
        found.retain(streams::Difference::differs);
        Ok::<_, Cause>(found)
    };
    let (objects, streams) = tokio::try_join!(async { Ok(comparing.await?) }, streams)?;
    Ok(Changes {
        component: part.name.to_owned(),
        build,
        objects: objects.into_iter().map(ObjectChange::of).collect(),
        streams,
    })
}

/// The image as it would be named, and why it would be built.
async fn images(setup: &Setup, part: &Part<'_>) -> Result<(BTreeMap<String, String>, String), Cause> {
    let Some(image) = &part.deployment.image else {
        return Ok(Default::default());
    };
    let planned = image::find(&image_setup(setup)?, part.name, image, cargo_profile(setup)).await?;
    let images = BTreeMap::from([(image.name.clone(), planned.reference)]);
    Ok((images, planned.why))
}
