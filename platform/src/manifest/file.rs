//! One file of manifests: text into objects, each with its place.

use std::path::Path as FilePath;
use std::sync::Arc;

use serde_json::Value;

use super::path::{Path, Step};
use super::place::locate;
use super::yaml::{self, Document};
use super::{Error, Object};

/// A text and what it is called in messages.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    text: String,
}

/// An object, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) object: Object,
    file: Arc<File>,
    line: u64,
    column: u64,
    document: usize,
    /// Which item of a `List`.
    item: Option<usize>,
}

/// The objects of a file on disk.
pub(super) fn read(path: &FilePath) -> Result<Vec<Written>, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    parse(path.display().to_string(), text)
}

/// The objects of a text. Empty documents are skipped, lists unfolded.
pub(super) fn parse(name: String, text: String) -> Result<Vec<Written>, Error> {
    let documents = yaml::documents(&text).map_err(|complaint| Error::Invalid {
        file: name.clone(),
        line: complaint.line,
        column: complaint.column,
        message: complaint.message,
    })?;
    let file = Arc::new(File { name, text });
    let mut written = Vec::new();
    let mut number = 0;
    for (index, document) in documents.into_iter().enumerate() {
        if document.value.is_null() {
            continue;
        }
        number += 1;
        unfold(&file, index, number, document, &mut written)?;
    }
    Ok(written)
}

fn unfold(
    file: &Arc<File>,
    index: usize,
    number: usize,
    document: Document,
    written: &mut Vec<Written>,
) -> Result<(), Error> {
    let Document { line, column, value } = document;
    let what = format!("document {number}");
    let place = |value: Value, what: &str, item: Option<usize>, (line, column): (u64, u64)| {
        let object = whole(value, what).map_err(|message| Error::Invalid {
            file: file.name.clone(),
            line,
            column,
            message,
        })?;
        Ok(Written {
            object,
            file: Arc::clone(file),
            line,
            column,
            document: index,
            item,
        })
    };
    let items = match value {
        Value::Object(mut map) if is_list(&map) => match map.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        value => {
            written.push(place(value, &what, None, (line, column))?);
            return Ok(());
        }
    };
    for (item, value) in items.into_iter().enumerate() {
        let path = Path(vec![Step::Key("items".to_owned()), Step::Item(item, None)]);
        let at = locate(&file.text, index, None, &path).unwrap_or((line, column));
        let what = format!("item {} of {what}", item + 1);
        written.push(place(value, &what, Some(item), at)?);
    }
    Ok(())
}

/// `kind: List`, or a list of one kind, as `kubectl get -o yaml` writes them.
fn is_list(map: &serde_json::Map<String, Value>) -> bool {
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default();
    kind.ends_with("List")
        && matches!(map.get("items"), Some(Value::Array(_) | Value::Null))
        && map
            .get("metadata")
            .and_then(|metadata| metadata.get("name"))
            .is_none()
}

/// The value as an object, or what it lacks.
fn whole(value: Value, what: &str) -> Result<Object, String> {
    if !value.is_object() {
        return Err(format!("{what} is no mapping, so no Kubernetes object"));
    }
    for (pointer, key) in [
        ("/apiVersion", "apiVersion"),
        ("/kind", "kind"),
        ("/metadata/name", "metadata.name"),
    ] {
        match value.pointer(pointer) {
            Some(Value::String(text)) if !text.is_empty() => {}
            None | Some(Value::Null)
                if key == "metadata.name" && value.pointer("/metadata/generateName").is_some() =>
            {
                return Err(format!(
                    "{what} has generateName: what is deployed again and again needs a name of its own"
                ));
            }
            None | Some(Value::Null) => return Err(format!("{what} has no {key}")),
            Some(_) => return Err(format!("{what} has a {key} that is no text; put it into quotes")),
        }
    }
    match value.pointer("/metadata/namespace") {
        None | Some(Value::Null | Value::String(_)) => {}
        Some(_) => {
            return Err(format!(
                "{what} has a metadata.namespace that is no text; put it into quotes"
            ));
        }
    }
    Object::new(value).ok_or_else(|| format!("{what} is no Kubernetes object"))
}

impl Written {
    /// `file:line`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.name, self.line)
    }

    /// Something is wrong with the whole object.
    pub(super) fn invalid(&self, message: String) -> Error {
        Error::Invalid {
            file: self.file.name.clone(),
            line: self.line,
            column: self.column,
            message,
        }
    }

    /// Something is wrong with a part of it.
    pub(super) fn invalid_at(&self, path: &Path, message: String) -> Error {
        let place = locate(&self.file.text, self.document, self.item, path);
        let (line, column) = place.unwrap_or((self.line, self.column));
        Error::Invalid {
            file: self.file.name.clone(),
            line,
            column,
            message,
        }
    }

    /// The same object is elsewhere as well.
    pub(super) fn twice(&self, first: &Self) -> Error {
        Error::Twice {
            file: self.file.name.clone(),
            line: self.line,
            column: self.column,
            id: Box::new(self.object.id()),
            first: first.place(),
        }
    }
}
