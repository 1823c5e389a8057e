//! An object on its way into the cluster: what it is, what is there, and what is to be done.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kinds::{Kind, Table};
use super::{Change, Failure, Problem, Verdict, job, secret};
use crate::manifest::{Id, Layer, Object, strip};

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It is not there.
    Create,
    /// It is there, and the API server would change something, or must be asked to know.
    Change,
    /// It cannot be changed; it is deleted first.
    Recreate,
    /// It is as wanted.
    Keep,
}

/// An object on its way.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) object: Object,
    pub(crate) id: Id,
    pub(crate) layer: Layer,
    /// How the server serves it; `None` until the definition that comes with it is established.
    pub(crate) kind: Option<Kind>,
    /// As it is in the cluster.
    pub(crate) live: Option<Value>,
    pub(crate) plan: Plan,
    /// It is made because it is missing and belongs to no component alone.
    pub(crate) shared: bool,
    /// It has been sent.
    pub(crate) sent: bool,
}

impl Item {
    pub(crate) fn change(&self) -> Change {
        let verdict = match self.plan {
            Plan::Create => Verdict::Created,
            Plan::Change => Verdict::Configured,
            Plan::Recreate => Verdict::Recreated,
            Plan::Keep => Verdict::Unchanged,
        };
        Change {
            id: self.id.clone(),
            verdict,
        }
    }

    /// A text of the object as it is in the cluster.
    pub(crate) fn live_text(&self, pointer: &str) -> Option<&str> {
        self.live.as_ref()?.pointer(pointer)?.as_str()
    }

    /// A label of the object as it is in the cluster.
    pub(crate) fn live_label(&self, name: &str) -> Option<&str> {
        self.live.as_ref()?["metadata"]["labels"][name].as_str()
    }

    /// Whether somebody has asked for its deletion.
    pub(crate) fn is_terminating(&self) -> bool {
        self.live_text("/metadata/deletionTimestamp").is_some()
    }
}

/// The objects as they can be sent, in the order in which they are sent.
///
/// # Errors
/// With every object that cannot be sent at all.
pub(crate) fn prepare(
    objects: Vec<Object>,
    namespace: &str,
    table: &Table,
) -> Result<Vec<Item>, Vec<Failure>> {
    let to_come: Vec<Kind> = objects.iter().flat_map(defined).collect();
    let mut items = Vec::new();
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for object in objects {
        match one(object, namespace, table, &to_come) {
            Ok(item) if seen.insert(item.id.clone()) => items.push(item),
            Ok(item) => failures.push(unusable(item.id, "is there twice")),
            Err(failure) => failures.push(*failure),
        }
    }
    if failures.is_empty() {
        items.sort_by_key(|item| item.layer);
        Ok(items)
    } else {
        Err(failures)
    }
}

fn one(mut object: Object, namespace: &str, table: &Table, to_come: &[Kind]) -> Result<Item, Box<Failure>> {
    let id = object.id();
    if object.value().pointer("/metadata/generateName").is_some() {
        let reason = "has generateName: it would be another object each time, so give it a name";
        return Err(Box::new(unusable(id, reason)));
    }
    let served = table.of(&object).cloned();
    let coming = || to_come.iter().find(|kind| is_of(kind, &object));
    let Some(namespaced) = served.as_ref().or_else(coming).map(|kind| kind.namespaced) else {
        return Err(Box::new(unknown(&object, table)));
    };
    // It is there when somebody has copied the object out of a cluster.
    strip(object.value_mut());
    secret::encode(&mut object);
    set_namespace(&mut object, namespaced.then_some(namespace));
    job::mark(&mut object);
    Ok(Item {
        id: object.id(),
        layer: Layer::of(&object),
        object,
        kind: served,
        live: None,
        plan: Plan::Create,
        shared: false,
        sent: false,
    })
}

/// Gives a namespaced object its namespace, and takes it from any other.
fn set_namespace(object: &mut Object, namespace: Option<&str>) {
    let missing = object.namespace().is_none_or(str::is_empty);
    let Some(metadata) = object
        .value_mut()
        .get_mut("metadata")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    match namespace {
        Some(namespace) if missing => {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
        Some(_) => {}
        None => {
            metadata.remove("namespace");
        }
    }
}

fn is_of(kind: &Kind, object: &Object) -> bool {
    kind.api_version == object.api_version() && kind.name == object.kind()
}

fn unusable(id: Id, reason: &str) -> Failure {
    let reason = reason.to_owned();
    Failure {
        id,
        problem: Problem::Unusable { reason },
        next: None,
    }
}

fn unknown(object: &Object, table: &Table) -> Failure {
    let served: Vec<String> = table
        .versions(object.group(), object.kind())
        .iter()
        .map(|kind| kind.api_version.clone())
        .collect();
    let next = if served.is_empty() {
        format!(
            "deploy the component that brings the definition of {} first: name it under `needs`",
            object.kind()
        )
    } else {
        "write it in a version that the cluster serves".to_owned()
    };
    Failure {
        id: object.id(),
        problem: Problem::UnknownKind {
            api_version: object.api_version().to_owned(),
            served,
        },
        next: Some(next),
    }
}

/// The kinds that a `CustomResourceDefinition` will add.
pub(crate) fn defined(object: &Object) -> Vec<Kind> {
    if object.group() != "apiextensions.k8s.io" || object.kind() != "CustomResourceDefinition" {
        return Vec::new();
    }
    let text =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let spec = &object.value()["spec"];
    let (Some(group), Some(kind), Some(plural)) = (
        text(spec, "/group"),
        text(spec, "/names/kind"),
        text(spec, "/names/plural"),
    ) else {
        return Vec::new();
    };
    let versions = spec["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"] == true);
    let names = served.filter_map(|version| text(version, "/name"));
    names
        .map(|version| Kind {
            api_version: format!("{group}/{version}"),
            name: kind.clone(),
            plural: plural.clone(),
            namespaced: spec["scope"] == "Namespaced",
            listable: true,
        })
        .collect()
}
