//! Every value that a project file says, or that holds because it says nothing, with where it comes from.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::deployment::{Deployment, Profile};
use super::image::Build;
use super::yaml::Spanned;
use super::{Component, Error, Project, document};
use crate::cluster::spec::{self, Overrides};

/// The namespace of objects that name none, where the component names none either.
const NAMESPACE: &str = "default";
/// The Cargo profile where nobody names one.
const CARGO_PROFILE: &str = "release";

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its keys from the top of the file, joined by dots: `profiles.prod.server`.
    pub key: String,
    /// What it is.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The project file, at this place.
    File {
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
    },
    /// Nobody says it.
    Default,
}

/// A value of the file with what is in it.
enum Node {
    Mapping(Vec<(String, Spanned<Node>)>),
    /// A list with mappings in it.
    List(Vec<Spanned<Node>>),
    /// A scalar, or a list of such.
    Leaf(Value),
}

/// The settings of a project, in the order of its file, the defaults after them.
///
/// # Errors
/// When the file has changed since the project was loaded, and cannot be read any more; or when its cluster cannot be.
pub fn settings(project: &Project) -> Result<Vec<Setting>, Error> {
    let text = std::fs::read_to_string(&project.file).map_err(|source| Error::Read {
        file: project.file.clone(),
        source,
    })?;
    let root: Spanned<Node> =
        serde_saphyr::from_str(&text).map_err(|error| document::malformed(&project.file, &error))?;
    let mut settings = Vec::new();
    flatten("", root, &mut settings);
    for (key, value) in defaults(project) {
        let below = format!("{key}.");
        let said = settings
            .iter()
            .any(|setting| setting.key == key || setting.key.starts_with(&below));
        if !said {
            let origin = Origin::Default;
            settings.push(Setting { key, value, origin });
        }
    }
    Ok(settings)
}

fn flatten(key: &str, node: Spanned<Node>, settings: &mut Vec<Setting>) {
    let place = node.referenced;
    match node.value {
        Node::Mapping(entries) => {
            for (name, value) in entries {
                let key = if key.is_empty() {
                    name
                } else {
                    format!("{key}.{name}")
                };
                flatten(&key, value, settings);
            }
        }
        Node::List(items) => {
            for (at, item) in items.into_iter().enumerate() {
                flatten(&format!("{key}[{at}]"), item, settings);
            }
        }
        // An empty value says nothing.
        Node::Leaf(Value::Null) => {}
        Node::Leaf(value) => settings.push(Setting {
            key: key.to_owned(),
            value,
            origin: Origin::File {
                line: place.line().max(1),
                column: place.column().max(1),
            },
        }),
    }
}

/// What holds where the file says nothing.
fn defaults(project: &Project) -> Vec<(String, Value)> {
    let mut all = vec![
        ("name".to_owned(), json!(project.name)),
        ("streams.managedBy".to_owned(), json!(project.streams_by)),
        ("streams.server".to_owned(), json!(project.streams_server)),
    ];
    cluster(project, &mut all);
    for profile in &project.profiles {
        of_profile(project, profile, &mut all);
    }
    for component in &project.components {
        of_component(component, &mut all);
    }
    all
}

fn cluster(project: &Project, all: &mut Vec<(String, Value)>) {
    // A cluster that cannot be is told by the commands that make it.
    let Ok(spec) = project.cluster.clone().spec(&Overrides::default()) else {
        return;
    };
    let mut add = |key: &str, value: Value| all.push((format!("cluster.{key}"), value));
    add("name", json!(spec.name));
    add("servers", json!(spec.servers));
    add("agents", json!(spec.agents));
    add("image", json!(spec.image));
    add("api.host", json!(spec.api.host));
    add("api.ip", json!(spec.api.ip));
    if let Some(registry) = spec.registry {
        add("registry.name", json!(registry.name));
        add("registry.ip", json!(registry.ip));
        add(
            "registry.port",
            json!(registry.port.unwrap_or(spec::DEFAULT_REGISTRY_PORT)),
        );
        add("registry.image", json!(registry.image));
    }
}

fn of_profile(project: &Project, profile: &Profile, all: &mut Vec<(String, Value)>) {
    let mut add = |key: &str, value: Value| all.push((format!("profiles.{}.{key}", profile.name), value));
    if let Ok(own) = project.cluster.cluster_name(None) {
        add("context", json!(own.context()));
    }
    if profile.registry.is_some() {
        add("pull", json!(profile.registry));
    }
    add("overlays", json!(profile.overlays));
    add("protected", json!(profile.protected));
    add("cargoProfile", json!(CARGO_PROFILE));
    if let Some(class) = &project.gateway_class {
        add("gateway.class", json!(class));
    }
    add("streams.managedBy", json!(project.streams_by(profile)));
}

fn of_component(component: &Component, all: &mut Vec<(String, Value)>) {
    let Some(deployment) = &component.deployment else {
        return;
    };
    let mut add = |key: &str, value: Value| all.push((format!("components.{}.{key}", component.name), value));
    let Deployment { image, needs, .. } = deployment;
    add("namespace", json!(NAMESPACE));
    add("needs", json!(needs));
    match image.as_ref().map(|image| &image.build) {
        Some(Build::Cargo(build)) => add("image.binary", json!(build.binary)),
        Some(Build::Dockerfile(build)) => {
            add("image.context", json!(build.context));
            add("image.dockerfile", json!(build.dockerfile));
        }
        Some(Build::Git(_)) => add("image.dockerfile", json!("Dockerfile")),
        None => {}
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Mapping(entries))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element::<Spanned<Node>>()? {
                    items.push(item);
                }
                let leaf = |item: &Spanned<Node>| match &item.value {
                    Node::Leaf(value) => Some(value.clone()),
                    _ => None,
                };
                let leaves: Option<Vec<Value>> = items.iter().map(leaf).collect();
                Ok(leaves.map_or(Node::List(items), |values| Node::Leaf(values.into())))
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Leaf(text.into()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Leaf(Value::Null))
            }

            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Leaf(Value::Null))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_told_with_its_place_or_as_a_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ratectl.yaml");
        let text = "name: x\ncluster: {agents: 2}\nprofiles:\n  p:\n    overlays: [a, b]\n    protected: true\ncomponents:\n  c:\n";
        std::fs::write(&file, text).unwrap();
        let settings = settings(&Project::load(&file).unwrap()).unwrap();
        let of = |key: &str| {
            let found = settings.iter().find(|setting| setting.key == key).unwrap();
            (found.value.clone(), found.origin)
        };
        let at = |line, column| Origin::File { line, column };
        assert_eq!(of("name"), (json!("x"), at(1, 7)));
        assert_eq!(of("cluster.agents"), (json!(2), at(2, 19)));
        assert_eq!(of("profiles.p.overlays"), (json!(["a", "b"]), at(5, 15)));
        assert_eq!(of("profiles.p.protected"), (json!(true), at(6, 16)));
        assert_eq!(of("profiles.p.context"), (json!("k3d-x"), Origin::Default));
        assert_eq!(of("cluster.servers"), (json!(1), Origin::Default));
        let mut keys: Vec<&str> = settings.iter().map(|setting| setting.key.as_str()).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all, "each key once");
    }
}
