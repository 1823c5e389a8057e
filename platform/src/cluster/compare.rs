//! Tells what differs between a cluster and what is wanted.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Difference;
use super::found::{Container, Found};
use super::{Spec, labels};

/// What a spec says is as wanted, told field by field; empty when nothing differs.
pub(super) fn specs(is: &Value, wanted: &Value) -> Vec<Difference> {
    let (mut is, mut wanted) = (leaves(is), leaves(wanted));
    // What is not set in one is a whole group in the other: told as one.
    fold_unset(&mut is, &mut wanted);
    fold_unset(&mut wanted, &mut is);
    let mut names: Vec<&String> = is.keys().chain(wanted.keys()).collect();
    names.sort();
    names.dedup();
    let said = |leaves: &BTreeMap<String, Value>, name: &str| {
        leaves.get(name).map_or_else(|| "not set".to_owned(), words)
    };
    let differing = names
        .into_iter()
        .filter(|name| is.get(*name) != wanted.get(*name));
    differing
        .map(|name| Difference {
            what: name.clone(),
            is: said(&is, name),
            wanted: said(&wanted, name),
        })
        .collect()
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
    match serde_json::from_str(label) {
        Ok(is) => specs(&is, &value(wanted)),
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

/// Every value that is not an object, by its path.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    let mut open: Vec<(String, &Value)> = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.iter().map(|(name, value)| {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                (path, value)
            })),
            // Not set, whether it is said or not.
            Value::Null => {}
            Value::Array(items) if items.is_empty() => {}
            value => drop(leaves.insert(path, value.clone())),
        }
    }
    leaves
}

/// Where `one` has nothing below a first-level name, the whole group of `other` becomes one value.
fn fold_unset(one: &mut BTreeMap<String, Value>, other: &mut BTreeMap<String, Value>) {
    let group = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let has: Vec<String> = one.keys().map(|name| group(name)).collect();
    let lone: Vec<String> = other
        .keys()
        .filter(|name| name.contains('.') && !has.contains(&group(name)))
        .cloned()
        .collect();
    for name in lone {
        if let Some(value) = other.remove(&name) {
            let said = format!(
                "{} {}",
                name.split_once('.').map_or("", |(_, rest)| rest),
                words(&value)
            );
            let all = other
                .entry(group(&name))
                .or_insert_with(|| Value::String(String::new()));
            if let Value::String(text) = all {
                if !text.is_empty() {
                    text.push_str(", ");
                }
                text.push_str(&said);
            }
        }
    }
}

/// A value as a person writes it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<String>>().join(", "),
        Value::Object(fields) => {
            let each = fields.iter().filter(|(_, value)| !value.is_null());
            each.map(|(name, value)| format!("{name} {}", words(value)))
                .collect::<Vec<String>>()
                .join(" ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
