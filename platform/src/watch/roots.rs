//! Where the sources of components are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::is_passing;
use crate::project::Project;
use crate::project::deployment::Deployment;
use crate::project::image::Build;

/// Files and folders of components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roots(BTreeMap<String, BTreeSet<PathBuf>>);

impl Roots {
    /// Those of a project's components, or only of those that are named.
    pub(super) fn of(project: &Project, components: &[String]) -> Self {
        let mut roots = BTreeMap::new();
        for component in &project.components {
            let Some(deployment) = &component.deployment else {
                continue;
            };
            let named = |name: &String| *name == component.name || component.aliases.contains(name);
            if components.is_empty() || components.iter().any(named) {
                let paths = paths(deployment);
                if !paths.is_empty() {
                    roots.insert(component.name.clone(), paths);
                }
            }
        }
        Self(roots)
    }

    #[cfg(test)]
    pub(super) fn from_paths(paths: BTreeMap<String, BTreeSet<PathBuf>>) -> Self {
        Self(paths)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn by_component(&self) -> &BTreeMap<String, BTreeSet<PathBuf>> {
        &self.0
    }

    /// The components that a path belongs to.
    pub(super) fn owners(&self, path: &Path) -> BTreeSet<String> {
        let owns = |roots: &BTreeSet<PathBuf>| {
            roots.iter().any(|root| {
                path.strip_prefix(root).is_ok_and(|below| {
                    below
                        .ancestors()
                        .all(|part| part.as_os_str().is_empty() || !is_passing(part))
                })
            })
        };
        let owners = self.0.iter().filter(|(_, roots)| owns(roots));
        owners.map(|(component, _)| component.clone()).collect()
    }

    /// Every folder with sources in it.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut open: Vec<PathBuf> = self.0.values().flatten().cloned().collect();
        while let Some(path) = open.pop() {
            // Of a file the folder is watched: editors put another file in its place.
            let folder = if path.is_dir() {
                path
            } else {
                path.parent().unwrap_or(&path).to_owned()
            };
            if !folder.is_dir() || !found.insert(folder.clone()) {
                continue;
            }
            let inside = self.0.values().flatten().any(|root| folder.starts_with(root));
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let folders = entries.filter(|entry| inside && entry.file_type().is_ok_and(|kind| kind.is_dir()));
            open.extend(folders.map(|entry| entry.path()).filter(|path| !is_passing(path)));
        }
        found
    }
}

fn paths(deployment: &Deployment) -> BTreeSet<PathBuf> {
    let mut paths: BTreeSet<PathBuf> = deployment.manifests.iter().cloned().collect();
    match deployment.image.as_ref().map(|image| &image.build) {
        Some(Build::Cargo(cargo)) => {
            if cargo.version.is_none() {
                paths.insert(cargo.folder.clone());
            }
            for files in &cargo.files {
                match &files.made {
                    Some(made) => paths.extend(made.sources.iter().cloned()),
                    None => paths.extend([files.here.clone()]),
                }
            }
        }
        Some(Build::Dockerfile(build)) => {
            paths.insert(build.context.clone());
            paths.insert(build.dockerfile.clone());
        }
        // Its source is elsewhere.
        Some(Build::Git(_)) | None => {}
    }
    paths
}
