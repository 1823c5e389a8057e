//! An image's configuration.

use std::collections::BTreeMap;

use serde_json::json;

use super::Parts;
use super::layer::CERTIFICATES;

/// When everything was made: nobody knows.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// As JSON; `diff_ids` are the digests of its uncompressed layers.
pub(super) fn config(parts: &Parts, diff_ids: &[String], user: u32) -> Vec<u8> {
    let labels: BTreeMap<&str, &str> = parts
        .labels
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut config = json!({
        "User": format!("{user}:{user}"),
        "Env": ["PATH=/", format!("SSL_CERT_FILE=/{CERTIFICATES}")],
        "Entrypoint": [format!("/{}", parts.name)],
        "WorkingDir": "/",
        "Labels": labels,
    });
    if !parts.command.is_empty() {
        config["Cmd"] = json!(parts.command);
    }
    json!({
        "architecture": architecture(parts.architecture),
        "os": "linux",
        "created": CREATED,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    })
    .to_string()
    .into_bytes()
}

/// What images call it.
fn architecture(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    }
}
