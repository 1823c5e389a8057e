//! The JSON Schema of `ratectl.yaml`, made from the types that read it: for editors, and for the reference.

use serde_json::Value;

use super::document;

/// The title of the schema.
const TITLE: &str = "ratectl.yaml";

/// The schema (draft 2020-12). [`Project::load`](super::Project::load) also checks what a schema cannot say, such as that a component
/// which is needed is there.
pub fn schema() -> Value {
    let mut schema = document::schema();
    schema.insert("title".to_owned(), TITLE.into());
    schema.to_value()
}

/// The schema as a file: indented, with a line end.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}
