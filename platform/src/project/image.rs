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
    /// Whether the package's default features are on besides.
    pub default_features: bool,
    /// Files and folders that go into the image besides.
    pub files: Vec<Files>,
    /// The default arguments of the entry point.
    pub command: Vec<String>,
}

/// A file, or a folder with all that is in it, which goes into an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Files {
    /// Where it lies on this machine, absolute.
    pub here: PathBuf,
    /// Where it lies in the image, absolute.
    pub there: String,
    /// How it comes to be; `None` for what lies in the project as it is.
    pub made: Option<Making>,
}

/// A command that makes files, and what it makes them from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Making {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where it runs: the project's folder, absolute.
    pub folder: PathBuf,
    /// All files and folders that change what comes out, absolute. They stand for the files in the image's hash, so that an image is known
    /// without making them.
    pub sources: Vec<PathBuf>,
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
