//! What an image says about itself.

use std::ffi::OsStr;

use super::command;
use super::workspace::{Package, Workspace};
use crate::project::image::CargoBuild;

/// Of a program of a workspace. The revision is that of the last commit that touched what it is made from, if all of it is
/// committed: so that the same source keeps making the same image.
pub(super) async fn of(workspace: &Workspace, component: &str, build: &CargoBuild) -> Vec<(String, String)> {
    let Ok(closure) = workspace.closure(component, build) else {
        return Vec::new();
    };
    let mut labels = vec![label("title", &build.binary)];
    if let Some(package) = closure.first() {
        labels.push(label("version", &package.version()));
        let about = ["description", "licenses", "source"]
            .into_iter()
            .zip(package.about());
        labels.extend(about.filter_map(|(name, value)| Some(label(name, value?))));
    }
    labels.extend(
        revision(workspace, &closure)
            .await
            .map(|commit| label("revision", &commit)),
    );
    labels
}

/// Of a published program.
pub(super) fn of_published(build: &CargoBuild, version: &str) -> Vec<(String, String)> {
    let source = format!("https://crates.io/crates/{}/{version}", build.package);
    vec![
        label("title", &build.binary),
        label("version", version),
        label("source", &source),
    ]
}

fn label(name: &str, value: &str) -> (String, String) {
    (format!("org.opencontainers.image.{name}"), value.to_owned())
}

async fn revision(workspace: &Workspace, closure: &[&Package]) -> Option<String> {
    let git = async |words: &[&str]| {
        let mut arguments: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        arguments.extend(closure.iter().map(|package| package.folder.as_os_str()));
        let said = command::capture(OsStr::new("git"), &arguments, &workspace.root, "ask git").await;
        Some(String::from_utf8_lossy(&said.ok()?).trim().to_owned())
    };
    let (changed, commit) = tokio::join!(
        git(&["status", "--porcelain", "--"]),
        git(&["log", "-1", "--format=%H", "--"]),
    );
    commit.filter(|commit| changed.is_some_and(|changed| changed.is_empty()) && !commit.is_empty())
}
