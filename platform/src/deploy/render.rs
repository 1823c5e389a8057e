//! A component's objects as they are to be in the cluster.

use std::collections::BTreeMap;

use contract::definition::{self, Definitions};

use super::{Cause, Setup};
use crate::chart;
use crate::manifest::{self, Object};
use crate::project::deployment::{Deployment, StreamsBy};

/// The API group of streams and consumers.
const JETSTREAM: &str = "jetstream.nats.io";

/// A component, ready for the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// What Kubernetes gets.
    pub objects: Vec<Object>,
    /// What the JetStream API gets, where `ratectl` makes the streams itself.
    pub definitions: Definitions,
}

/// A component's manifests with the overlays of the profile, the images (by repository name) as they were built, and labels that
/// say whose they are.
///
/// # Errors
/// When the manifests, or definitions in them, are wrong, or cannot be had.
pub async fn render(
    setup: &Setup,
    component: &str,
    deployment: &Deployment,
    images: &BTreeMap<String, String>,
) -> Result<Rendered, Cause> {
    let mut objects = load(setup, deployment).await?;
    manifest::with_images(&mut objects, images);
    let mut rendered = Rendered {
        objects,
        ..Rendered::default()
    };
    if setup.streams_by() == StreamsBy::Ratectl {
        let (definitions, objects) = rendered.objects.into_iter().partition(is_definition);
        rendered = Rendered {
            objects,
            definitions: read(definitions)?,
        };
    }
    manifest::labelled(&mut rendered.objects, &setup.project.name, component);
    Ok(rendered)
}

/// A sentence for each chart that is in effect and pinned by its version alone, with what pins its content.
pub(super) async fn unpinned_charts(setup: &Setup, deployment: &Deployment) -> Vec<String> {
    let overlays = setup.overlays();
    let mut notes = Vec::new();
    for chart in &deployment.charts {
        if chart
            .overlay
            .as_ref()
            .is_some_and(|name| !overlays.contains(name))
        {
            continue;
        }
        let sum = chart::unwritten_sum(chart, &setup.cache).await;
        notes.extend(sum.map(|sum| {
            format!(
                "chart {} is pinned by its version alone; its content too with `sha256: {sum}`",
                chart.name
            )
        }));
    }
    notes
}

/// The definitions of streams and consumers in a component's manifests, whoever makes them.
pub(super) async fn definitions_of(setup: &Setup, deployment: &Deployment) -> Result<Definitions, Cause> {
    let overlays = setup.overlays();
    // What is downloaded is other people's: controllers and their CRDs. Nobody has to be reached to look at what is ours.
    let loading = manifest::load_own(deployment, &overlays, &setup.cache);
    let objects = unless_cancelled(setup, loading).await?;
    read(objects.into_iter().filter(is_definition).collect())
}

async fn load(setup: &Setup, deployment: &Deployment) -> Result<Vec<Object>, Cause> {
    let overlays = setup.overlays();
    unless_cancelled(setup, manifest::load(deployment, &overlays, &setup.cache)).await
}

async fn unless_cancelled(
    setup: &Setup,
    loading: impl Future<Output = Result<Vec<Object>, manifest::Error>>,
) -> Result<Vec<Object>, Cause> {
    tokio::select! {
        biased;
        () = setup.cancel.cancelled() => Err(Cause::Cancelled),
        objects = loading => Ok(objects?),
    }
}

fn is_definition(object: &Object) -> bool {
    object.group() == JETSTREAM && matches!(object.kind(), "Stream" | "Consumer")
}

fn read(objects: Vec<Object>) -> Result<Definitions, Cause> {
    let mut definitions = Definitions::default();
    for object in objects {
        // JSON is YAML, and the definitions have one reader.
        let text = object.value().to_string();
        definitions.extend(definition::parse(&object.id().to_string(), &text)?)?;
    }
    Ok(definitions)
}
