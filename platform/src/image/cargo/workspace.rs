//! A Cargo workspace: its packages, and which of them a program is made from.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, TargetKind};
use serde_json::json;

use super::command;
use crate::image::Error;
use crate::project::image::CargoBuild;

/// A workspace, as Cargo describes it.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The folder of the root's `Cargo.toml` and of `Cargo.lock`.
    pub(super) root: PathBuf,
    /// Where Cargo leaves what it compiles.
    pub(super) target: PathBuf,
    /// By folder: its members, and packages elsewhere on which they depend by path.
    packages: BTreeMap<PathBuf, Package>,
}

/// A package whose source is here.
#[derive(Debug)]
pub(super) struct Package {
    /// The folder of its `Cargo.toml`.
    pub(super) folder: PathBuf,
    package: cargo_metadata::Package,
}

impl Workspace {
    /// The workspace that the folder belongs to.
    pub(super) async fn find(folder: &Path) -> Result<Self, Error> {
        let mut workspace = Self::read(folder).await?;
        // Packages on the same disk that are no members have workspaces of their own.
        while let Some(elsewhere) = workspace.missing() {
            let other = Self::read(&elsewhere).await?;
            let count = workspace.packages.len();
            workspace.packages.extend(other.packages);
            if workspace.packages.len() == count {
                break;
            }
        }
        Ok(workspace)
    }

    async fn read(folder: &Path) -> Result<Self, Error> {
        let operation = format!("read the workspace in {}", folder.display());
        // Without what others have published: that is in the lock file, and takes ten times as long.
        let arguments = ["metadata", "--no-deps", "--format-version", "1"].map(OsStr::new);
        let said = command::capture(
            &command::program("CARGO", "cargo"),
            &arguments,
            folder,
            &operation,
        )
        .await?;
        let metadata: Metadata = serde_json::from_slice(&said).map_err(|error| Error::Cargo {
            operation,
            reason: error.to_string(),
        })?;
        let packages = metadata.packages.into_iter().filter_map(|package| {
            let folder = package.manifest_path.parent()?.to_owned().into_std_path_buf();
            Some((folder.clone(), Package { folder, package }))
        });
        Ok(Self {
            root: metadata.workspace_root.into(),
            target: metadata.target_directory.into(),
            packages: packages.collect(),
        })
    }

    /// A folder that a package depends on and that was not read yet.
    fn missing(&self) -> Option<PathBuf> {
        let mut paths = self.packages.values().flat_map(Package::neighbours);
        paths.find(|path| !self.packages.contains_key(path))
    }

    /// The package that is asked for, first, and those here that it is compiled from.
    pub(super) fn closure(&self, component: &str, build: &CargoBuild) -> Result<Vec<&Package>, Error> {
        let mut closure = vec![self.package(component, build)?];
        let mut at = 0;
        while at < closure.len() {
            for folder in closure[at].neighbours() {
                let known = closure.iter().any(|package| package.folder == folder);
                closure.extend(self.packages.get(&folder).filter(|_| !known));
            }
            at += 1;
        }
        Ok(closure)
    }

    fn package(&self, component: &str, build: &CargoBuild) -> Result<&Package, Error> {
        let members = self
            .packages
            .values()
            .filter(|package| package.folder.starts_with(&self.root));
        let wrong = |message: String| Error::Definition {
            component: component.to_owned(),
            message,
        };
        let names = members.clone().map(Package::name);
        let Some(package) = members.clone().find(|package| package.name() == build.package) else {
            let near = names.max_by(|a, b| near(a, &build.package).total_cmp(&near(b, &build.package)));
            let near = near.filter(|name| near_enough(name, &build.package));
            return Err(wrong(format!(
                "the workspace in {} has no package '{}'{}",
                self.root.display(),
                build.package,
                near.map_or_else(String::new, |name| format!("; is it '{name}'?")),
            )));
        };
        let binaries: Vec<&str> = package.binaries().collect();
        if binaries.contains(&build.binary.as_str()) {
            return Ok(package);
        }
        let has = match binaries.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("it has {}", names.join(", ")),
        };
        Err(wrong(format!(
            "package '{}' has no binary '{}'; {has}",
            build.package, build.binary
        )))
    }

    /// A path as seen from the root, for people and for other machines.
    pub(super) fn below(&self, path: &Path) -> String {
        if path == self.root {
            return ".".to_owned();
        }
        if let Ok(below) = path.strip_prefix(&self.root) {
            return below.display().to_string();
        }
        // A neighbour of the workspace, or of a folder around it.
        let common = path.ancestors().find(|folder| self.root.starts_with(folder));
        let common = common.unwrap_or(Path::new("/"));
        let up = self
            .root
            .strip_prefix(common)
            .map_or(0, |rest| rest.components().count());
        let rest = path.strip_prefix(common).unwrap_or(path);
        format!("{}{}", "../".repeat(up), rest.display())
    }
}

fn near(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

fn near_enough(a: &str, b: &str) -> bool {
    near(a, b) > 0.8
}

impl Package {
    pub(super) fn name(&self) -> &str {
        &self.package.name
    }

    pub(super) fn version(&self) -> String {
        self.package.version.to_string()
    }

    /// What it says about itself: description, licence, and where its source can be read.
    pub(super) fn about(&self) -> [Option<&str>; 3] {
        let package = &self.package;
        [&package.description, &package.license, &package.repository].map(Option::as_deref)
    }

    fn binaries(&self) -> impl Iterator<Item = &str> {
        let targets = self.package.targets.iter();
        let binaries = targets.filter(|target| target.kind.contains(&TargetKind::Bin));
        binaries.map(|target| target.name.as_str())
    }

    /// What it needs to be compiled, which leaves out what only its tests need.
    fn needs(&self) -> impl Iterator<Item = &Dependency> {
        let dependencies = self.package.dependencies.iter();
        dependencies.filter(|dependency| dependency.kind != DependencyKind::Development)
    }

    /// Names, as the lock file has them, of what it needs from elsewhere.
    pub(super) fn published(&self) -> impl Iterator<Item = &str> {
        let needs = self.needs().filter(|dependency| dependency.path.is_none());
        needs.map(|dependency| dependency.name.as_str())
    }

    /// Folders of packages it needs that lie on this machine.
    fn neighbours(&self) -> impl Iterator<Item = PathBuf> {
        self.needs()
            .filter_map(|dependency| Some(dependency.path.clone()?.into_std_path_buf()))
    }

    /// What of its `Cargo.toml` matters for the program, with all that it inherits, as JSON.
    pub(super) fn manifest(&self, workspace: &Workspace) -> String {
        let package = &self.package;
        let needs: Vec<_> = self
            .needs()
            .map(|need| {
                let path = need.path.as_ref().map(|path| workspace.below(path.as_std_path()));
                json!([
                    need.name,
                    need.source,
                    need.req.to_string(),
                    need.kind,
                    need.optional,
                    need.uses_default_features,
                    need.features,
                    need.target.as_ref().map(ToString::to_string),
                    need.rename,
                    path,
                ])
            })
            .collect();
        let tests = [TargetKind::Test, TargetKind::Bench, TargetKind::Example];
        let targets: Vec<_> = package
            .targets
            .iter()
            .filter(|target| !target.kind.iter().any(|kind| tests.contains(kind)))
            .map(|target| {
                let source = workspace.below(target.src_path.as_std_path());
                json!([
                    target.name,
                    target.kind,
                    target.crate_types,
                    target.required_features,
                    source
                ])
            })
            .collect();
        json!({
            "name": package.name,
            "version": package.version,
            "edition": package.edition,
            "authors": package.authors,
            "description": package.description,
            "license": package.license,
            "repository": package.repository,
            "homepage": package.homepage,
            "features": package.features,
            "links": package.links,
            "dependencies": needs,
            "targets": targets,
        })
        .to_string()
    }
}
