//! `ratectl.yaml`: a system described for `ratectl`.
//!
//! ```yaml
//! name: example                      # default: the name of the folder
//! streams: manifests/streams         # folder of stream and consumer definitions
//! routes: manifests/proxy/routes.yaml
//! dev:
//!   port: 8080                       # of the gateway
//! cluster:
//!   agents: 1                        # see below
//! components:
//!   greeter:
//!     dev:
//!       command: [greeter, --verbose]
//!       built: target/debug/greeter  # where `build` leaves the program
//!       build: [cargo, build, -p, greeter]
//!       directory: services/greeter  # working folder; default: the project's
//!       env:
//!         NATS: "${NATS_URL}"
//!         LISTEN: "127.0.0.1:${PORT}"
//!       ready: "http://127.0.0.1:${PORT}/healthz"
//!   web:
//!     dev:
//!       static: web/dist
//!       path: /ui
//!       build: [make, web]             # named where the folder is missing
//!       immutable: assets              # its names carry a hash of the content
//! ```
//!
//! Paths are relative to the file. An unknown key is an error: a misspelt one must not be a silent default.
//! `command`, `env` and `ready` may use the placeholders of [`template::Placeholder`].
//!
//! # The cluster
//!
//! Everything in `cluster:` has a default; this is all it can say:
//!
//! ```yaml
//! cluster:
//!   name: example                    # default: the project's name if it can be one, or else localdevcluster
//!   servers: 1                       # odd
//!   agents: 0
//!   image: rancher/k3s:v1.34.4-k3s1
//!   api:
//!     host: 127.0.0.1                # in the kubeconfig; default: `ip`, or this machine where that is 0.0.0.0
//!     ip: 127.0.0.1                  # where the API server is published
//!     port: 6550                     # default: any free one
//!   ports:                           # [IP:]HOST:NODE[/tcp|udp][@server:0]
//!     - 8080:80
//!     - 0.0.0.0:30000-30010:30000-30010/udp@agent:0
//!   registry:                        # or false
//!     name: example-registry         # default: the cluster's name and -registry
//!     ip: 127.0.0.1
//!     port: 5000                     # 0 for any free one
//!     image: docker.io/library/registry:3
//!   mirrors:                         # who serves the images of other registries; '*' stands for all that are not named
//!     quay.io: registry              # the cluster's own registry
//!     docker.io:
//!       pullThrough: https://registry-1.docker.io  # a registry of its own that keeps what it fetches there
//!     '*':
//!       endpoint: [http://cache.example:5000]      # one URL or several
//!   network: existing                # default: one of its own
//!   env: [HTTP_PROXY=http://proxy:3128]            # for all nodes, or those behind an @
//!   args: ['--disable=traefik', '--node-label=disk=fast@agent:*'] # for the servers, or those behind an @
//!   volumes: ['./data:/data:ro@server:0']          # for all nodes, or those behind an @; a path that begins with ./ or ../ is
//!                                                  # relative to the file
//! ```

mod cluster;
pub mod deployment;
mod document;
mod error;
pub mod image;
mod reference;
mod schema;
pub mod settings;
pub(crate) mod spelling;
pub mod template;
pub(crate) mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use template::Template;

use crate::cluster::spec::Draft;
use deployment::{Deployment, Profile, StreamsBy};

pub use error::Error;
pub use reference::{EXAMPLE, reference};
pub use schema::{schema, schema_text};

/// The file's name.
pub const FILE: &str = "ratectl.yaml";

/// A system, as its file describes it, checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// What it is called.
    pub name: String,
    /// The project file.
    pub file: PathBuf,
    /// The folder of the file, absolute.
    pub root: PathBuf,
    /// The folder of stream and consumer definitions, absolute.
    pub streams: Option<PathBuf>,
    /// The proxy's route file, absolute.
    pub routes: Option<PathBuf>,
    /// The gateway's port in `ratectl dev`, if the file names one.
    pub port: Option<u16>,
    /// Whether the gateway in `ratectl dev` shows what `ratectl top` shows (`dev.top`); by default it does.
    pub shows_top: bool,
    /// What the file says about the cluster; the defaults where it says nothing.
    #[serde(skip)]
    pub cluster: Draft,
    /// Components that `create-cluster` deploys at its end.
    pub install: Vec<String>,
    /// The class of gateways (`gateway.class`), which is an overlay of every component as well.
    pub gateway_class: Option<String>,
    /// Who makes the streams in a cluster (`streams.managedBy`).
    pub streams_by: StreamsBy,
    /// The component that is the NATS server of the streams (`streams.server`); default: `nats`.
    pub streams_server: String,
    /// The folder of load scenarios, absolute.
    pub load: Option<PathBuf>,
    /// Places to deploy to, in the order of the file; without any in the file one for the project's own cluster, called `dev`.
    pub profiles: Vec<Profile>,
    /// In the order of the file.
    pub components: Vec<Component>,
}

/// One part of the system.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Component {
    /// Its name: lowercase letters, digits and hyphens.
    pub name: String,
    /// Other names that people may type for it; no other component has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// How `ratectl dev` runs it; `None` for one that has no part in that.
    pub dev: Option<Dev>,
    /// How it gets into a cluster; `None` for one that has no part in that.
    pub deployment: Option<Deployment>,
}

/// How `ratectl dev` runs a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dev {
    /// A process, kept running.
    Process(Process),
    /// Files, served by the gateway.
    Static(Static),
}

/// A component that is a process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Process {
    /// The program and its arguments. A program without a slash is looked for beside `ratectl`, in `PATH`, then at `built`.
    pub command: Vec<Template>,
    /// Set on top of the environment of `ratectl`.
    pub env: BTreeMap<String, Template>,
    /// The URL that answers 2xx when it is ready; without one it is ready when it runs.
    pub ready: Option<Template>,
    /// Its working folder, absolute.
    pub directory: PathBuf,
    /// Makes the program when it is nowhere to be found; runs in the working folder.
    pub build: Vec<String>,
    /// Where `build` leaves the program, absolute.
    pub built: Option<PathBuf>,
}

/// A component that is a folder of files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Static {
    /// The folder, absolute. It need not exist yet.
    pub folder: PathBuf,
    /// The URL path under which the gateway serves it, such as `/ui`.
    pub path: String,
    /// Makes the folder; empty if nobody says how. `ratectl dev` shows it while there is no folder, and does without.
    pub build: Vec<String>,
    /// A folder in it, relative, whose files never change under their names; they may be kept by browsers for good.
    pub immutable: Option<PathBuf>,
    /// The `Content-Security-Policy` of what is served; `None` for the gateway's own.
    pub policy: Option<String>,
}

/// The project file of a folder: there, or in the nearest folder above that has one.
///
/// # Errors
/// [`Error::NotFound`] when there is none up to the root.
pub fn find(folder: &Path) -> Result<PathBuf, Error> {
    let file = folder
        .ancestors()
        .map(|folder| folder.join(FILE))
        .find(|file| file.is_file());
    file.ok_or_else(|| Error::NotFound {
        folder: folder.to_owned(),
    })
}

impl Project {
    /// Reads and checks a project file.
    ///
    /// # Errors
    /// The first thing in it that is wrong, with line and column.
    pub fn load(file: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Read {
            file: file.to_owned(),
            source,
        };
        let file = std::path::absolute(file).map_err(unreadable)?;
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        document::read(&file, &text)
    }

    /// The component of this name, or the one that has it as an alias.
    pub fn component(&self, name: &str) -> Option<&Component> {
        let mut components = self.components.iter();
        components
            .find(|component| component.name == name || component.aliases.iter().any(|alias| alias == name))
    }

    /// The names and aliases of components closest to `word`, for somebody who may have meant one: a sentence.
    pub fn component_advice(&self, word: &str) -> String {
        let deployed = self
            .components
            .iter()
            .filter(|component| component.deployment.is_some());
        let names = deployed.flat_map(|component| std::iter::once(&component.name).chain(&component.aliases));
        spelling::advice(word, &names.map(String::as_str).collect::<Vec<_>>())
    }

    /// The profile closest to `word`, for somebody who may have meant it: a sentence.
    pub fn profile_advice(&self, word: &str) -> String {
        let names = self.profiles.iter().map(|profile| profile.name.as_str());
        spelling::advice(word, &names.collect::<Vec<_>>())
    }

    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// The overlays of a profile in the order in which they are merged: its own, then that of its gateway class.
    pub fn overlays(&self, profile: &Profile) -> Vec<String> {
        let class = profile.gateway_class.as_ref().or(self.gateway_class.as_ref());
        let mut overlays = profile.overlays.clone();
        overlays.extend(class.filter(|class| !profile.overlays.contains(class)).cloned());
        overlays
    }

    /// Who makes the streams where a profile deploys to.
    pub fn streams_by(&self, profile: &Profile) -> StreamsBy {
        profile.streams_by.unwrap_or(self.streams_by)
    }

    /// The components that are processes in `ratectl dev`.
    pub fn processes(&self) -> impl Iterator<Item = (&str, &Process)> {
        self.components
            .iter()
            .filter_map(|component| match &component.dev {
                Some(Dev::Process(process)) => Some((component.name.as_str(), process)),
                _ => None,
            })
    }

    /// The components that are folders of files in `ratectl dev`.
    pub fn statics(&self) -> impl Iterator<Item = (&str, &Static)> {
        self.components
            .iter()
            .filter_map(|component| match &component.dev {
                Some(Dev::Static(files)) => Some((component.name.as_str(), files)),
                _ => None,
            })
    }
}
