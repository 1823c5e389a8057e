//! This repository's own manifests, with every combination of overlays that belongs together.

mod nats;
mod network;
mod pods;
mod schemas;

use platform::download::Cache;
use platform::manifest::{self, Object};
use platform::project::Project;

/// The overlays of profiles that there can be, without the gateway's class.
const OVERLAYS: [&[&str]; 5] = [&[], &["ha"], &["prod"], &["ha", "keda"], &["prod", "keda"]];
const CLASSES: [&str; 2] = ["traefik", "kgateway"];

/// A component's objects with some overlays.
struct Rendered {
    component: String,
    overlays: String,
    objects: Vec<Object>,
}

/// All components in all combinations, but for what lies elsewhere (definitions of others' kinds, charts).
async fn rendered() -> Vec<Rendered> {
    let project = Project::load(&testbed::repository().join("ratectl.yaml")).unwrap();
    let cache = Cache {
        folder: "/nowhere".into(),
        offline: true,
    };
    let mut rendered = Vec::new();
    for component in project.components {
        let Some(mut deployment) = component.deployment else {
            continue;
        };
        (deployment.downloads, deployment.charts) = (Vec::new(), Vec::new());
        for overlays in combinations() {
            let objects = manifest::load(&deployment, &overlays, &cache).await.unwrap();
            rendered.push(Rendered {
                component: component.name.clone(),
                overlays: overlays.join(","),
                objects,
            });
        }
    }
    assert!(rendered.len() >= 80, "{} combinations", rendered.len());
    rendered
}

fn combinations() -> impl Iterator<Item = Vec<String>> {
    OVERLAYS.into_iter().flat_map(|overlays| {
        CLASSES.map(|class| {
            let with_class = overlays.iter().chain([&class]);
            with_class.map(|&overlay| overlay.to_owned()).collect()
        })
    })
}

/// The only object of a kind and name.
fn object<'a>(objects: &'a [Object], kind: &str, name: &str) -> &'a Object {
    let mut found = objects
        .iter()
        .filter(|object| object.kind() == kind && object.name() == name);
    let object = found
        .next()
        .unwrap_or_else(|| panic!("there is no {kind} {name}"));
    assert!(found.next().is_none(), "there are two of {kind} {name}");
    object
}
