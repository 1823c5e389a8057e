//! Files that are published as parts of Go modules, which can be had where their own addresses cannot.

use std::path::PathBuf;
use std::process::Command;

/// The folder of a module, such as `sigs.k8s.io/gateway-api@v1.5.1`; fetched once.
///
/// # Panics
/// When Go is not there, or cannot get it.
pub fn go_module(module: &str) -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", module])
        // Not in a folder that is a module itself.
        .current_dir(std::env::temp_dir())
        .env_remove("GOFLAGS")
        .output()
        .expect("Go is on PATH: the test bed is built with it");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let folder = told["Dir"].as_str();
    folder
        .unwrap_or_else(|| panic!("no module {module}: {output:?}"))
        .into()
}
