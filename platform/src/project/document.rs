//! The project file's text: strict YAML into checked values, every complaint with its place.

mod check;
mod component;
mod components;
mod dev;
mod image;
mod image_files;
mod names;
mod overlays;
mod profile;
mod streams;

use std::path::Path;

use schemars::generate::SchemaSettings;

use super::cluster::{self, ClusterDocument};
use super::yaml::{Complaint, Ordered, Spanned, complaint};
use super::{Error, Project};
use component::ComponentDocument;
use overlays::Overlays;
use profile::{GatewayDocument, ProfileDocument};
use streams::Streams;

/// A system described for `ratectl`. Paths are relative to the file.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    /// What the system is called. Default: the name of the folder.
    name: Option<Spanned<String>>,
    /// Stream and consumer definitions: their folder, or a mapping.
    streams: Option<Spanned<Streams>>,
    /// The route file of the proxy.
    routes: Option<String>,
    /// The gateway in a cluster.
    gateway: Option<GatewayDocument>,
    /// The folder of load scenarios.
    load: Option<String>,
    /// What `ratectl dev` needs to know.
    #[serde(default)]
    dev: DevDocument,
    /// The project's own cluster, which `ratectl create-cluster` makes.
    cluster: Option<ClusterDocument>,
    /// Places to deploy to, by name. Default: one called `dev`, the project's own cluster.
    #[schemars(extend("propertyNames" = check::name_schema()))]
    profiles: Option<Ordered<ProfileDocument>>,
    /// The parts of the system, by name: lowercase letters, digits and inner hyphens, and not `all`.
    #[schemars(extend("propertyNames" = check::component_name_schema()))]
    components: Option<Ordered<ComponentDocument>>,
}

/// What `ratectl dev` needs to know.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct DevDocument {
    /// The port of the gateway on this machine. Default: 8080.
    port: Option<u16>,
    /// Whether the gateway has `/status/top.json`: what `ratectl top --once -o json` prints, looked for while somebody asks. Default:
    /// `true`.
    top: Option<bool>,
}

/// The project that the text of `file` describes.
pub(super) fn read(file: &Path, text: &str) -> Result<Project, Error> {
    let document: Document = serde_saphyr::from_str(text).map_err(|error| malformed(file, &error))?;
    document.read(file).map_err(|complaint| invalid(file, complaint))
}

/// What is wrong with a file that is not the YAML it should be.
pub(super) fn malformed(file: &Path, error: &serde_saphyr::Error) -> Error {
    invalid(file, complaint(error))
}

fn invalid(file: &Path, (place, message): Complaint) -> Error {
    Error::Invalid {
        file: file.to_owned(),
        line: place.line().max(1),
        column: place.column().max(1),
        message,
    }
}

impl Document {
    fn read(self, file: &Path) -> Result<Project, Complaint> {
        let root = file.parent().unwrap_or(Path::new("/")).to_owned();
        let folder_name = || {
            root.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let name = self.name.map_or_else(folder_name, |name| name.value);
        let (components, names) = components::read(&root, self.components)?;
        let cluster = self.cluster.unwrap_or_default();
        let install = names.needs(cluster.install.as_deref().unwrap_or_default())?;
        let streams = self.streams.map(|streams| streams.value.fields());
        let streams = streams.unwrap_or_default();
        let server = streams.server.as_ref().map(|server| names.deployed(server));
        let managed_by = streams.managed_by.as_ref().map(streams::managed_by);
        Ok(Project {
            streams: streams.folder.map(|path| root.join(path)),
            routes: self.routes.map(|path| root.join(path)),
            port: self.dev.port,
            shows_top: self.dev.top.unwrap_or(true),
            cluster: cluster::read(file, &name, cluster)?,
            install,
            gateway_class: self.gateway.unwrap_or_default().class()?,
            streams_by: managed_by.transpose()?.unwrap_or_default(),
            streams_server: server.transpose()?.unwrap_or_else(|| STREAMS_SERVER.to_owned()),
            load: self.load.map(|path| root.join(path)),
            profiles: profile::read_all(self.profiles, &Overlays::of(&components))?,
            file: file.to_owned(),
            name,
            root,
            components,
        })
    }
}

/// The JSON Schema of a document. Sections are where they are used, so that a reader need not jump.
pub(super) fn schema() -> schemars::Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Document>()
}

/// The component that is the NATS server when the file names none.
const STREAMS_SERVER: &str = "nats";

#[cfg(test)]
mod tests;
