//! Tells what differs between a cluster and what is wanted.

use serde_json::Value;

use super::error::Difference;
use super::found::{Container, Found};
use super::spec::Picked;
use super::{Spec, labels};

/// What is wanted, in the words of the spec that our cluster was made from.
pub(super) fn in_its_words(found: &Found, wanted: &Spec) -> Spec {
    let Some(is) = found.nodes.iter().find_map(Container::spec) else {
        return wanted.clone();
    };
    let own = is.registry.as_ref().map(|registry| &registry.name);
    let mut registries = found.registries.iter();
    let picked = Picked {
        api: found
            .servers()
            .find_map(|server| server.api().map(|(_, port)| port)),
        registry: registries
            .find(|registry| Some(&registry.name) == own)
            .and_then(Container::registry_port),
    };
    wanted.clone().adopting(&is, picked)
}

/// Differences of what carries our label: by what it was made from.
pub(super) fn labelled(container: &Container, wanted: &Spec) -> Vec<Difference> {
    let Some(label) = container.labels.get(labels::SPEC) else {
        return vec![Difference {
            what: format!("maker of {}", container.name),
            is: "somebody else".to_owned(),
            wanted: "ratectl".to_owned(),
        }];
    };
    match serde_json::from_str::<Spec>(label) {
        Ok(is) => is.differences(wanted),
        Err(_) => vec![Difference {
            what: format!("label {} of {}", labels::SPEC, container.name),
            is: "not readable".to_owned(),
            wanted: "a spec".to_owned(),
        }],
    }
}

/// Differences of a cluster that somebody else made: as far as they can be seen.
pub(super) fn seen(found: &Found, wanted: &Spec) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, is: String, wanted: String| {
        if is != wanted {
            differences.push(Difference {
                what: what.to_owned(),
                is,
                wanted,
            });
        }
    };
    compare(
        "servers",
        found.servers().count().to_string(),
        wanted.servers.to_string(),
    );
    compare(
        "agents",
        found.agents().count().to_string(),
        wanted.agents.to_string(),
    );
    // An image whose name has moved on to another one is only listed by its digest.
    let images = found
        .servers()
        .map(|server| server.image.as_str())
        .filter(|image| !image.starts_with("sha256:"));
    if let Some(image) = images.into_iter().next() {
        compare(
            "image",
            familiar(image).to_owned(),
            familiar(&wanted.image).to_owned(),
        );
    }
    differences
}

/// A spec as its label says it.
pub(super) fn value(spec: &Spec) -> Value {
    serde_json::to_value(spec).unwrap_or(Value::Null)
}

/// An image as people write it: without the registry and folder that are meant anyway.
fn familiar(image: &str) -> &str {
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    image.strip_prefix("library/").unwrap_or(image)
}

#[cfg(test)]
mod tests;
