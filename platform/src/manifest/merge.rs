//! A partial object laid over a whole one.
//!
//! Mappings are merged key by key. Lists whose items are told apart (by `name`, for the most part: see [`super::list`]) are merged item by
//! item: those of the base keep their order, new ones follow. Everything else replaces what was there. `null` removes a key, `$patch: delete`
//! the mapping or item it stands in, and `$patch: replace` puts what it stands in (as an item of its own in a list) in the place of all
//! that was there. What is to be removed must be there: else a name is misspelt, and that must not pass in silence.

use serde_json::{Map, Value};

use super::list::{self, Identity};
use super::path::{Path, Step};

/// The key of an instruction.
const PATCH: &str = "$patch";

/// Why an overlay cannot be laid over a base.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Where in the overlay.
    pub(super) path: Path,
    pub(super) reason: String,
}

/// What an instruction says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patch {
    Delete,
    Replace,
}

/// Whether the overlay removes the whole object.
pub(super) fn deletes(overlay: &Value) -> bool {
    matches!(overlay.get(PATCH).and_then(Value::as_str), Some("delete"))
}

/// Lays `overlay` over `base`; both are mappings.
pub(super) fn merge(base: &mut Value, overlay: &Value) -> Result<(), Misfit> {
    lay(base, overlay, &mut Path::default())
}

/// Whether a document is a whole object: one that is new has nothing beneath it to change.
pub(super) fn check_whole(document: &Value) -> Result<(), Misfit> {
    look_for_instructions(document, &mut Path::default())
}

fn look_for_instructions(value: &Value, path: &mut Path) -> Result<(), Misfit> {
    match value {
        Value::Object(map) if map.contains_key(PATCH) => Err(Misfit {
            path: path.clone(),
            reason: "a $patch stands in an object that is new: there is nothing beneath it to change"
                .to_owned(),
        }),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            path.0.push(Step::Key(key.clone()));
            look_for_instructions(value, path)?;
            path.0.pop();
            Ok(())
        }),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            path.0.push(Step::Item(index, None));
            look_for_instructions(item, path)?;
            path.0.pop();
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn lay(base: &mut Value, overlay: &Value, path: &mut Path) -> Result<(), Misfit> {
    match (base, overlay) {
        (Value::Object(base), Value::Object(overlay)) => lay_mapping(base, overlay, path),
        (Value::Array(base), Value::Array(overlay)) => lay_list(base, overlay, path),
        (base, overlay) => {
            *base = create(overlay, path)?;
            Ok(())
        }
    }
}

fn lay_mapping(
    base: &mut Map<String, Value>,
    overlay: &Map<String, Value>,
    path: &mut Path,
) -> Result<(), Misfit> {
    if instruction(overlay, path)? == Some(Patch::Replace) {
        *base = create_mapping(overlay, path)?;
        return Ok(());
    }
    for (key, value) in overlay {
        path.0.push(Step::Key(key.clone()));
        match base.get_mut(key) {
            Some(_) if removes(value, path)? => {
                base.remove(key);
            }
            Some(there) => lay(there, value, path)?,
            None => {
                base.insert(key.clone(), create(value, path)?);
            }
        }
        path.0.pop();
    }
    Ok(())
}

/// Whether this value in an overlay removes what is there.
fn removes(value: &Value, path: &Path) -> Result<bool, Misfit> {
    match value {
        Value::Null => Ok(true),
        Value::Object(map) => Ok(instruction(map, path)? == Some(Patch::Delete)),
        _ => Ok(false),
    }
}

fn lay_list(base: &mut Vec<Value>, overlay: &[Value], path: &mut Path) -> Result<(), Misfit> {
    if let Some(items) = replacement(overlay, path)? {
        *base = create_items(items, path)?;
        return Ok(());
    }
    let Some(identity) = list::identity(path.last_key(), base, overlay) else {
        *base = create_items(overlay.iter().enumerate(), path)?;
        return Ok(());
    };
    for (index, item) in overlay.iter().enumerate() {
        let Value::Object(item) = item else { continue };
        path.0.push(Step::Item(index, list::name(identity, item)));
        lay_item(identity, base, item, path)?;
        path.0.pop();
    }
    Ok(())
}

fn lay_item(
    identity: Identity,
    base: &mut Vec<Value>,
    item: &Map<String, Value>,
    path: &mut Path,
) -> Result<(), Misfit> {
    let delete = instruction(item, path)? == Some(Patch::Delete);
    match list::find(identity, base, item) {
        Some(at) if delete => {
            base.remove(at);
        }
        Some(at) => {
            if let Value::Object(there) = &mut base[at] {
                lay_mapping(there, item, path)?;
            }
        }
        None => {
            let new = create_mapping(item, path)?;
            complete(&new, path, base, identity)?;
            base.push(Value::Object(new));
        }
    }
    Ok(())
}

/// A list that begins with an instruction to replace: the items after it.
fn replacement<'a>(
    overlay: &'a [Value],
    path: &mut Path,
) -> Result<Option<impl Iterator<Item = (usize, &'a Value)> + use<'a>>, Misfit> {
    let first = overlay.first().and_then(Value::as_object);
    let Some(first) = first.filter(|first| first.len() == 1) else {
        return Ok(None);
    };
    path.0.push(Step::Item(0, None));
    let found = instruction(first, path)?;
    path.0.pop();
    Ok((found == Some(Patch::Replace)).then(|| overlay.iter().enumerate().skip(1)))
}

fn instruction(map: &Map<String, Value>, path: &Path) -> Result<Option<Patch>, Misfit> {
    match map.get(PATCH).map(Value::as_str) {
        None => Ok(None),
        Some(Some("delete")) => Ok(Some(Patch::Delete)),
        Some(Some("replace")) => Ok(Some(Patch::Replace)),
        Some(_) => {
            let mut path = path.clone();
            path.0.push(Step::Key(PATCH.to_owned()));
            let reason = "$patch is 'delete' or 'replace'".to_owned();
            Err(Misfit { path, reason })
        }
    }
}

fn create(overlay: &Value, path: &mut Path) -> Result<Value, Misfit> {
    match overlay {
        Value::Null => Err(nothing(path)),
        Value::Object(map) => create_mapping(map, path).map(Value::Object),
        Value::Array(items) => match replacement(items, path)? {
            Some(items) => create_items(items, path).map(Value::Array),
            None => create_items(items.iter().enumerate(), path).map(Value::Array),
        },
        other => Ok(other.clone()),
    }
}

fn create_mapping(overlay: &Map<String, Value>, path: &mut Path) -> Result<Map<String, Value>, Misfit> {
    if instruction(overlay, path)? == Some(Patch::Delete) {
        return Err(nothing(path));
    }
    let mut new = Map::new();
    for (key, value) in overlay.iter().filter(|(key, _)| *key != PATCH) {
        path.0.push(Step::Key(key.clone()));
        new.insert(key.clone(), create(value, path)?);
        path.0.pop();
    }
    Ok(new)
}

fn create_items<'a>(
    items: impl Iterator<Item = (usize, &'a Value)>,
    path: &mut Path,
) -> Result<Vec<Value>, Misfit> {
    let mut list = Vec::new();
    for (index, item) in items {
        path.0.push(Step::Item(index, None));
        list.push(create(item, path)?);
        path.0.pop();
    }
    Ok(list)
}

fn nothing(path: &Path) -> Misfit {
    Misfit {
        path: path.clone(),
        reason: format!("there is no {path} to delete"),
    }
}

/// A new container needs an image; without one a name is misspelt.
fn complete(new: &Map<String, Value>, path: &Path, base: &[Value], identity: Identity) -> Result<(), Misfit> {
    let needed = match path.last_key() {
        Some("containers" | "initContainers") => "image",
        Some("volumeMounts") => "name",
        _ => return Ok(()),
    };
    if new.contains_key(needed) {
        return Ok(());
    }
    let names = base
        .iter()
        .filter_map(|item| list::name(identity, item.as_object()?));
    let names: Vec<String> = names.collect();
    let reason = format!(
        "there is no {path} to change, and a new one needs '{needed}'; there: {}",
        names.join(", ")
    );
    Err(Misfit {
        path: path.clone(),
        reason,
    })
}

#[cfg(test)]
mod tests;
