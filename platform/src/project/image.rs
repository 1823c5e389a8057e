//! A component's image: what it is called and what it is made from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

/// An image that `ratectl deploy` builds, pushes and names by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Its repository without the registry, such as `rating-service`. In manifests, an image of this repository (whatever its
    /// registry, tag or digest) stands for the one that was built.
    pub name: String,
    /// What it is made from.
    #[serde(flatten)]
    pub build: Build,
}

/// How an image is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "build", rename_all = "lowercase")]
pub enum Build {
    /// A static binary compiled on this machine, alone in its image.
    Cargo(CargoBuild),
    /// A Dockerfile and a folder.
    Dockerfile(DockerfileBuild),
    /// A Dockerfile in a repository.
    Git(GitBuild),
}

/// A program of a Cargo workspace, or one that is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CargoBuild {
    /// The folder of the workspace's or package's `Cargo.toml`, absolute; default: the project's. Not used when `version` says that the
    /// package is a published one.
    pub folder: PathBuf,
    /// The package.
    pub package: String,
    /// Its binary, which becomes the image's entry point; default: the package's name.
    pub binary: String,
    /// The exact version on crates.io, such as `2.36.0`, for a program that is not ours.
    pub version: Option<String>,
    /// The Cargo profile; `None` for that of the deployment's profile, else `release`.
    pub profile: Option<String>,
    /// Cargo features.
    pub features: Vec<String>,
    /// Files and folders that go into the image besides: absolute path here, absolute path there.
    pub files: Vec<(PathBuf, String)>,
    /// The default arguments of the entry point.
    pub command: Vec<String>,
}

/// A Dockerfile and its context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DockerfileBuild {
    /// The context folder, absolute.
    pub context: PathBuf,
    /// The Dockerfile, absolute; default: `Dockerfile` in the context.
    pub dockerfile: PathBuf,
    /// Which stage; default: the last.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Such as `linux/amd64`; default: the engine's own.
    pub platform: Option<String>,
}

/// A Dockerfile in a git repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GitBuild {
    /// Any URL that git understands.
    pub url: String,
    /// A branch, tag or commit; it is pinned to a commit before anything is built. Default: the remote's `HEAD`.
    pub reference: Option<String>,
    /// The context folder inside the repository; default: its root.
    pub folder: Option<String>,
    /// The Dockerfile, relative to the context folder; default: `Dockerfile`.
    pub dockerfile: Option<String>,
    /// Which stage; default: the last.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Such as `linux/amd64`; default: the engine's own.
    pub platform: Option<String>,
}
