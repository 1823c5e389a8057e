//! The reference of `ratectl.yaml` as a page, made from its schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::schema::schema;

const HEAD: &str = "\
# ratectl.yaml

<!-- Made from the schema by `ratectl config schema --reference`; a test fails when it is stale. -->

A system described for `ratectl`. The file is looked for in the folder a command is run in and in those above it. Paths in it are
relative to it. An unknown key is an error, told with its line, its column and what may have been meant; so is a component
that is needed and not there. Profiles share nothing: a key that one does not have is the default, never the value of another.

Editors check the file while it is written when its first line is

```yaml
# yaml-language-server: $schema=docs/ratectl.schema.json
```

`ratectl config schema` prints that schema, `ratectl config view --show-origin` every value with where it comes from.
";

/// A file with every part that one can have.
pub const EXAMPLE: &str = include_str!("example.yaml");

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = format!("{HEAD}\n## Example\n\n```yaml\n{EXAMPLE}```\n");
    section(&mut page, "", &schema());
    page
}

/// A mapping's keys as a table, then the mappings below it, each with a heading of its own.
fn section(page: &mut String, path: &str, schema: &Value) {
    let properties = schema["properties"].as_object();
    if let Some(properties) = properties {
        let heading = if path.is_empty() {
            "The file".to_owned()
        } else {
            format!("`{path}`")
        };
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {heading}\n\n");
        if let Some(about) = schema["description"].as_str().filter(|_| !path.is_empty()) {
            let _ = write!(page, "{}\n\n", one_line(about));
        }
        table(page, schema, properties);
    }
    for (key, value) in properties.into_iter().flatten() {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        below(page, &path, value);
    }
}

/// What a value is made of, if it is a mapping or a list of them.
fn below(page: &mut String, path: &str, schema: &Value) {
    for form in forms(schema) {
        if form["properties"].is_object() {
            section(page, path, form);
        }
        if form["additionalProperties"].is_object() {
            below(page, &format!("{path}.<name>"), &form["additionalProperties"]);
        }
        if form["items"].is_object() {
            below(page, &format!("{path}[]"), &form["items"]);
        }
    }
}

fn table(page: &mut String, schema: &Value, properties: &Map<String, Value>) {
    let required = schema["required"].as_array();
    page.push_str("| key | type | default | meaning |\n|---|---|---|---|\n");
    for (key, value) in properties {
        let needed = required.is_some_and(|required| required.iter().any(|name| name == key));
        let (meaning, default) = meaning(value["description"].as_str().unwrap_or_default());
        let default = if needed { "needed".to_owned() } else { default };
        let _ = writeln!(
            page,
            "| `{key}` | {} | {default} | {meaning} |",
            kind(value).replace('|', "\\|")
        );
    }
}

/// What a key means, and the default that its description ends with.
fn meaning(description: &str) -> (String, String) {
    let description = one_line(description).replace('|', "\\|");
    match description.split_once("Default: ") {
        Some((meaning, rest)) => {
            let (default, more) = rest.split_once(". ").unwrap_or((rest.trim_end_matches('.'), ""));
            (format!("{meaning}{more}").trim().to_owned(), default.to_owned())
        }
        None => (description, String::new()),
    }
}

/// What stands for a value, in words.
fn kind(schema: &Value) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for form in forms(schema) {
        for kind in simple_kinds(form) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    kinds.join(" or ")
}

fn simple_kinds(schema: &Value) -> Vec<String> {
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().filter_map(Value::as_str);
        return values.map(|value| format!("`{value}`")).collect();
    }
    if let Some(value) = schema["const"].as_str() {
        return vec![format!("`{value}`")];
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let words = types
        .into_iter()
        .filter(|kind| *kind != "null")
        .map(|kind| match kind {
            "string" => "text".to_owned(),
            "boolean" => "true or false".to_owned(),
            "integer" | "number" => "number".to_owned(),
            "array" => format!("list of {}", plural(&kind_of_items(schema))),
            _ => "mapping".to_owned(),
        });
    words.collect()
}

fn kind_of_items(schema: &Value) -> String {
    if schema["items"].is_object() {
        kind(&schema["items"])
    } else {
        "value".to_owned()
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "mapping" | "number" | "text" | "value" => format!("{kind}s"),
        other => other.to_owned(),
    }
}

/// The forms that a value may have, without the empty one.
fn forms(schema: &Value) -> Vec<&Value> {
    let several = ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .filter_map(|key| schema[key].as_array());
    let several: Vec<&Value> = several.flatten().filter(|form| form["type"] != "null").collect();
    // A mapping's rules stand beside its properties and are no forms of their own.
    if several.is_empty() || schema["properties"].is_object() || schema["type"].is_string() {
        return vec![schema];
    }
    several.into_iter().flat_map(forms).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
