//! The JSON Schema of a report, made from its types.

use serde_json::Value;

use super::{Report, SCHEMA};

/// The schema (draft 2020-12).
pub fn schema() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Report>();
    schema.insert("title".to_owned(), SCHEMA.into());
    schema.to_value()
}

/// The schema as a file: indented, with a line end.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}
