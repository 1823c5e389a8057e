//! One kubeconfig file as a value, with everything in it that we do not know.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_saphyr::{Error as YamlError, NonFiniteFloatPolicy};

/// Where and why a text is no kubeconfig: line and column from 1, and a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) reason: String,
}

/// One of the three lists of named entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Clusters,
    Users,
    Contexts,
}

/// The keys with one value that we write.
pub(super) const SCALARS: [&str; 3] = ["apiVersion", "kind", "current-context"];

/// A kubeconfig's content.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    root: Map<String, Value>,
}

/// What has to be so, read first because its complaints know their place.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "apiVersion")]
    _version: Option<Version>,
    #[serde(rename = "kind")]
    _kind: Option<Kind>,
    #[serde(rename = "clusters")]
    _clusters: Option<Vec<Item>>,
    #[serde(rename = "users")]
    _users: Option<Vec<Item>>,
    #[serde(rename = "contexts")]
    _contexts: Option<Vec<Item>>,
    #[serde(rename = "current-context")]
    _current: Option<String>,
}

/// A mapping with anything in it.
#[derive(Deserialize)]
struct Mapping {}

#[derive(Deserialize)]
enum Version {
    #[serde(rename = "v1")]
    V1,
}

#[derive(Deserialize)]
enum Kind {
    Config,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(rename = "cluster")]
    _cluster: Option<Mapping>,
    #[serde(rename = "user")]
    _user: Option<Mapping>,
    #[serde(rename = "context")]
    _context: Option<Mapping>,
}

impl Section {
    pub(super) const ALL: [Self; 3] = [Self::Clusters, Self::Users, Self::Contexts];

    /// The list's key in the file.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Users => "users",
            Self::Contexts => "contexts",
        }
    }

    /// The key of what an item of the list is about.
    fn body(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Users => "user",
            Self::Contexts => "context",
        }
    }
}

impl Document {
    /// Reads YAML or JSON; an empty text is an empty kubeconfig.
    pub(super) fn parse(text: &str) -> Result<Self, Complaint> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // JSON has no infinity; as text it is at least kept.
        let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::AsString };
        serde_saphyr::from_str_with_options::<Option<Shape>>(text, options.clone())
            .map_err(|error| complaint(&error))?;
        let root = serde_saphyr::from_str_with_options::<Option<Map<String, Value>>>(text, options);
        let root = root.map_err(|error| complaint(&error))?.unwrap_or_default();
        Ok(Self { root })
    }

    /// The whole of it as YAML.
    pub(super) fn render(&self) -> String {
        render(&self.root)
    }

    /// The entries of a list.
    pub(super) fn items(&self, section: Section) -> &[Value] {
        let items = self.root.get(section.list()).and_then(Value::as_array);
        items.map_or(&[], Vec::as_slice)
    }

    /// Whether the list's key is there, whatever it holds.
    pub(super) fn has_list(&self, section: Section) -> bool {
        self.root.contains_key(section.list())
    }

    /// One of the [`SCALARS`].
    pub(super) fn scalar(&self, key: &str) -> Option<&Value> {
        self.root.get(key)
    }

    /// The current context, if one is set.
    pub(super) fn current_context(&self) -> Option<&str> {
        let context = self.root.get("current-context").and_then(Value::as_str);
        context.filter(|context| !context.is_empty())
    }

    /// Sets the current context.
    pub(super) fn set_current_context(&mut self, context: &str) {
        if self.current_context() != Some(context) {
            self.root.insert("current-context".to_owned(), context.into());
        }
    }

    /// Unsets the current context as `kubectl config unset` does it.
    pub(super) fn unset_current_context(&mut self) {
        self.set_current_context("");
    }

    /// What the entry of this name is about; of several the first.
    pub(super) fn get(&self, section: Section, name: &str) -> Option<&Map<String, Value>> {
        let items = self.root.get(section.list())?.as_array()?;
        let item = items.iter().find(|item| is_named(item, name))?;
        item.get(section.body())?.as_object()
    }

    /// The names of a section's entries, each as often as it is there.
    pub(super) fn names(&self, section: Section) -> impl Iterator<Item = &str> {
        let items = self.root.get(section.list()).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.get("name")?.as_str())
    }

    /// Whether there is an entry of this name.
    pub(super) fn has(&self, section: Section, name: &str) -> bool {
        let items = self.root.get(section.list()).and_then(Value::as_array);
        items.is_some_and(|items| items.iter().any(|item| is_named(item, name)))
    }

    /// Sets fields of the entry of this name (`None` takes one away), keeps its others, makes the entry if there is none, and
    /// drops repetitions, with which kubectl would read no entry at all.
    pub(super) fn put(&mut self, section: Section, name: &str, fields: &[(&str, Option<&str>)]) {
        self.identify();
        let list = self.root.entry(section.list()).or_insert(Value::Null);
        if !list.is_array() {
            *list = Value::Array(Vec::new());
        }
        let Value::Array(items) = list else { return };
        let mut seen = false;
        items.retain(|item| !is_named(item, name) || !std::mem::replace(&mut seen, true));
        if !seen {
            items.push(serde_json::json!({ "name": name }));
        }
        let Some(Value::Object(item)) = items.iter_mut().find(|item| is_named(item, name)) else {
            return;
        };
        let body = item.entry(section.body()).or_insert(Value::Null);
        if !body.is_object() {
            *body = Value::Object(Map::new());
        }
        let Value::Object(body) = body else { return };
        for (key, value) in fields {
            match value {
                Some(value) => drop(body.insert((*key).to_owned(), (*value).into())),
                None => drop(body.remove(*key)),
            }
        }
    }

    /// Takes out every entry of this name.
    pub(super) fn remove(&mut self, section: Section, name: &str) {
        if let Some(Value::Array(items)) = self.root.get_mut(section.list()) {
            items.retain(|item| !is_named(item, name));
        }
    }

    /// Says what the file is, if it does not say so yet.
    fn identify(&mut self) {
        for (key, value) in [("apiVersion", "v1"), ("kind", "Config")] {
            let known = self.root.entry(key).or_insert(Value::Null);
            if known.is_null() {
                *known = value.into();
            }
        }
    }
}

/// As YAML that also readers of YAML 1.1 understand, which Go's are.
pub(super) fn render<T: Serialize>(value: &T) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .expect("JSON values have a form in YAML and memory takes every write");
    text
}

fn is_named(item: &Value, name: &str) -> bool {
    item.get("name").and_then(Value::as_str) == Some(name)
}

fn complaint(error: &YamlError) -> Complaint {
    let error = error.without_snippet();
    let message = error.to_string();
    let line = message.lines().next().unwrap_or_default();
    // The place is told apart from the message.
    let reason = line[..line.find(" at line ").unwrap_or(line.len())].trim_start_matches("error: ");
    // What follows is advice for programmers.
    let reason = reason.split("; use ").next().unwrap_or_default();
    let place = error.location();
    Complaint {
        line: place.map_or(1, |place| place.line()).max(1),
        column: place.map_or(1, |place| place.column()).max(1),
        reason: reason
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
