//! The overlays that there are.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::is_name;
use crate::cluster::spec::{Invalid, quoted};
use crate::project::Component;
use crate::project::spelling::advice;

/// The overlays that components have: subfolders of their manifests, and what downloads and charts belong to.
pub(super) struct Overlays {
    known: BTreeSet<String>,
    /// Whether nothing is missing: a folder that cannot be listed may have others.
    complete: bool,
}

impl Overlays {
    /// Those of these components.
    pub(super) fn of(components: &[Component]) -> Self {
        let deployments: Vec<_> = components
            .iter()
            .filter_map(|it| it.deployment.as_ref())
            .collect();
        let mut overlays = Self {
            known: BTreeSet::new(),
            complete: !deployments.is_empty(),
        };
        for deployment in deployments {
            let downloads = deployment.downloads.iter().map(|download| &download.overlay);
            let charts = deployment.charts.iter().map(|chart| &chart.overlay);
            overlays.known.extend(downloads.chain(charts).flatten().cloned());
            if let Some(folder) = &deployment.manifests {
                match subfolders(folder) {
                    Some(found) => overlays.known.extend(found),
                    None => overlays.complete = false,
                }
            }
        }
        overlays
    }

    /// Complains about an overlay that nobody has: it would change nothing, and nobody would notice.
    pub(super) fn check(&self, name: &str) -> Result<(), Invalid> {
        if !self.complete || self.known.contains(name) {
            return Ok(());
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        let advice = if known.is_empty() {
            "an overlay is a subfolder of a component's `manifests`".to_owned()
        } else {
            advice(name, &known)
        };
        let name = quoted(name);
        Err(Invalid::new(format!(
            "no component has an overlay {name}; {advice}"
        )))
    }
}

fn subfolders(folder: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    Some(names.filter(|name| is_name(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::read;

    const COMPONENTS: &str = "components:\n  a: {manifests: a}\n  b:\n    manifests: b\n    downloads:\n      - url: https://a.example/1\n        sha256: 0000000000000000000000000000000000000000000000000000000000000000\n        overlay: keda\n";

    fn said(folders: &[&str], overlay: &str) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let text = format!("profiles:\n  p:\n    overlays: [{overlay}]\n{COMPONENTS}");
        let error = read(&root.path().join("ratectl.yaml"), &text).err()?;
        let said = error.to_string();
        let said = said.strip_prefix(&format!("{}/ratectl.yaml:", root.path().display()));
        Some(said.unwrap().to_owned())
    }

    #[test]
    fn an_overlay_is_a_subfolder_or_that_of_a_download() {
        assert_eq!(said(&["a/prod", "b"], "prod"), None);
        assert_eq!(said(&["a", "b/prod"], "prod"), None);
        assert_eq!(said(&["a", "b"], "keda"), None);
    }

    #[test]
    fn one_that_no_component_has_is_told_with_what_may_have_been_meant() {
        let advice = said(&["a/prod", "b"], "prd");
        let wanted = "3:16: no component has an overlay 'prd'; did you mean 'prod'?";
        assert_eq!(advice.as_deref(), Some(wanted));
        let all = said(&["a/prod", "b/ha", "b/.git", "prod"], "staging");
        let wanted = "3:16: no component has an overlay 'staging'; possible here: ha, keda, prod";
        assert_eq!(all.as_deref(), Some(wanted));
    }

    #[test]
    fn where_a_folder_is_missing_nobody_knows() {
        assert_eq!(said(&["a"], "prod"), None);
    }
}
