//! The schema that is shipped, and reports against it.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;
use snapshot::report::{Report, schema, schema_text};
use snapshot::{Settings, State};

/// Whether a report, as JSON, fits the schema; why not.
pub(crate) fn faults(report: &Report) -> Vec<String> {
    let json: Value = serde_json::to_value(report).unwrap();
    validator()
        .iter_errors(&json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());
    &VALIDATOR
}

#[test]
fn the_shipped_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/top.schema.json");
    assert!(
        fs::read_to_string(path).unwrap() == schema_text(),
        "docs/top.schema.json is stale: cargo run -p snapshot --example schema > docs/top.schema.json"
    );
}

#[test]
fn nothing_known_is_a_report_too() {
    let report = State::new(Settings::default()).report(0);
    assert_eq!(faults(&report), Vec::<String>::new());
    assert_eq!(report.ts.as_deref(), Some("1970-01-01T00:00:00Z"));
}
