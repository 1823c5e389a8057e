//! The inventory as the data of a `ConfigMap`: texts that a person can read, bound in size, and a checksum over them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Entry, Inventory, Revision};
use crate::manifest::Id;

/// The version of this format.
const VERSION: u32 = 1;
/// Bytes of keys and values. The API server takes 1 MiB for all of a `ConfigMap`.
pub(super) const LIMIT: usize = 900_000;

const ENTRIES: &str = "inventory";
const REVISION: &str = "revision-";
const CHECKSUM: &str = "checksum";

/// The key `inventory`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    version: u32,
    project: String,
    component: String,
    objects: Vec<Line>,
}

/// An object in it.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    id: Id,
    #[serde(default)]
    entry: Entry,
}

/// The data of the `ConfigMap`, and what had to be left out, each a sentence.
pub(super) fn encode(inventory: &Inventory) -> (BTreeMap<String, String>, Vec<String>) {
    let mut inventory = inventory.clone();
    let mut notes = Vec::new();
    loop {
        let data = data(&inventory);
        let size: usize = data.iter().map(|(key, value)| key.len() + value.len()).sum();
        if size <= LIMIT || !make_room(&mut inventory, &mut notes) {
            return (data, notes);
        }
    }
}

/// Lets the oldest revision go, or the objects of the only one. `false`: there is nothing more to let go.
fn make_room(inventory: &mut Inventory, notes: &mut Vec<String>) -> bool {
    match inventory.revisions.as_mut_slice() {
        [] => false,
        [only] => {
            let had = only.packed.take().is_some();
            if had {
                notes.push(format!(
                    "revision {} is too large to be kept: there is no going back to it",
                    only.number
                ));
            }
            had
        }
        [oldest, ..] => {
            notes.push(format!(
                "revision {} was dropped early from the history, as all of it would be too large for one ConfigMap",
                oldest.number
            ));
            inventory.revisions.remove(0);
            true
        }
    }
}

fn data(inventory: &Inventory) -> BTreeMap<String, String> {
    let objects = inventory.entries.iter().map(|(id, entry)| Line {
        id: id.clone(),
        entry: entry.clone(),
    });
    let document = Document {
        version: VERSION,
        project: inventory.project.clone(),
        component: inventory.component.clone(),
        objects: objects.collect(),
    };
    let mut data = BTreeMap::from([(ENTRIES.to_owned(), json(&document))]);
    for revision in &inventory.revisions {
        data.insert(format!("{REVISION}{}", revision.number), json(revision));
    }
    data.insert(CHECKSUM.to_owned(), checksum(&data));
    data
}

fn json(value: &impl Serialize) -> String {
    // Maps with texts as keys, and nothing that can refuse.
    serde_json::to_string(value).unwrap_or_default()
}

/// SHA-256 over everything but itself.
fn checksum(data: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (key, value) in data.iter().filter(|(key, _)| *key != CHECKSUM) {
        for part in [key, value] {
            text.push_str(&part.len().to_string());
            text.push(':');
            text.push_str(part);
        }
    }
    crate::apply::hash(text.as_bytes())
}

/// What the data of a `ConfigMap` says.
///
/// # Errors
/// With the reason, when it is not what was written.
pub(crate) fn decode(data: &BTreeMap<String, String>) -> Result<Inventory, String> {
    let text = |key: &str| data.get(key).ok_or_else(|| format!("it has no key '{key}'"));
    let entries = text(ENTRIES)?;
    let version = serde_json::from_str::<serde_json::Value>(entries)
        .map_err(|error| format!("'{ENTRIES}': {error}"))?
        .get("version")
        .and_then(serde_json::Value::as_u64);
    if version.is_some_and(|version| version > u64::from(VERSION)) {
        return Err("it was written by a newer ratectl".to_owned());
    }
    if *text(CHECKSUM)? != checksum(data) {
        return Err("somebody has changed it by hand".to_owned());
    }
    let document: Document =
        serde_json::from_str(entries).map_err(|error| format!("'{ENTRIES}': {error}"))?;
    let revisions = data.iter().filter(|(key, _)| key.starts_with(REVISION));
    let revisions: Result<Vec<Revision>, String> = revisions
        .map(|(key, text)| serde_json::from_str(text).map_err(|error| format!("'{key}': {error}")))
        .collect();
    let mut revisions = revisions?;
    revisions.sort_by_key(|revision| revision.number);
    let entries = document.objects.into_iter().map(|line| (line.id, line.entry));
    Ok(Inventory {
        project: document.project,
        component: document.component,
        entries: entries.collect(),
        revisions,
    })
}
