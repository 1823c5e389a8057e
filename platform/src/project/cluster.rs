//! The section `cluster:`: what the project says about its cluster.

mod forms;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use forms::{Mirrored, Registry};
use serde_saphyr::Spanned;

use super::document::Complaint;
use super::ordered::Ordered;
use crate::cluster::spec::{
    ApiDraft, Draft, Invalid, Mirror, Name, NodeArgument, NodeVariable, NodeVolume, Origin, PortMapping,
    RegistryDraft, RegistryWish, Said, text,
};

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterDocument {
    name: Option<Spanned<String>>,
    servers: Option<Spanned<u32>>,
    agents: Option<Spanned<u32>>,
    image: Option<Spanned<String>>,
    #[serde(default)]
    api: ApiDocument,
    #[serde(default)]
    ports: Vec<Spanned<String>>,
    registry: Option<Spanned<Registry>>,
    mirrors: Option<Ordered<Spanned<Mirrored>>>,
    network: Option<Spanned<String>>,
    #[serde(default)]
    env: Vec<Spanned<String>>,
    #[serde(default)]
    args: Vec<Spanned<String>>,
    #[serde(default)]
    volumes: Vec<Spanned<String>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiDocument {
    host: Option<Spanned<String>>,
    ip: Option<Spanned<String>>,
    port: Option<Spanned<u16>>,
}

/// What the section of the project `name` says, each value right by itself.
pub(super) fn read(file: &Path, name: &str, document: ClusterDocument) -> Result<Draft, Complaint> {
    let reader = Reader { file: file.into() };
    let registry = match document.registry {
        Some(registry) => reader.registry(registry)?,
        None => RegistryWish::default(),
    };
    Ok(Draft {
        default_name: Name::try_from(name.to_owned()).ok(),
        name: reader.one(document.name, |name| Name::try_from(name.clone()))?,
        servers: document.servers.map(|count| reader.said(count)),
        agents: document.agents.map(|count| reader.said(count)),
        image: reader.one(document.image, |image| text::image(image))?,
        api: ApiDraft {
            host: reader.plain(document.api.host, |host| text::host(host))?,
            ip: reader.plain(document.api.ip, |ip| text::ip(ip))?,
            port: document.api.port.map(|port| reader.said(port)),
        },
        ports: reader.ports(document.ports)?,
        registry,
        mirrors: reader.mirrors(document.mirrors)?,
        network: reader.plain(document.network, |network| text::network(network))?,
        token: None,
        env: reader.all(document.env, NodeVariable::parse)?,
        args: reader.all(document.args, NodeArgument::parse)?,
        volumes: reader.all(document.volumes, |volume| {
            NodeVolume::parse(&from_folder(file, volume))
        })?,
    })
}

/// A bind whose source begins with `./` or `../`, from the folder of the file.
fn from_folder(file: &Path, volume: &str) -> String {
    let folder = file.parent().unwrap_or(Path::new("/"));
    if volume.starts_with("./") || volume.starts_with("../") {
        let volume = volume.strip_prefix("./").unwrap_or(volume);
        return folder.join(volume).to_string_lossy().into_owned();
    }
    volume.to_owned()
}

/// Turns texts with their places into values with their origin.
struct Reader {
    file: Arc<Path>,
}

impl Reader {
    fn said<T>(&self, spanned: Spanned<T>) -> Said<T> {
        let place = spanned.referenced;
        let origin = Origin::File {
            file: Arc::clone(&self.file),
            line: place.line().max(1),
            column: place.column().max(1),
        };
        Said::new(spanned.value, origin)
    }

    fn one<T, U>(
        &self,
        spanned: Option<Spanned<T>>,
        parse: impl FnOnce(&T) -> Result<U, Invalid>,
    ) -> Result<Option<Said<U>>, Complaint> {
        let Some(spanned) = spanned else { return Ok(None) };
        let place = spanned.referenced;
        let said = self.said(spanned);
        let value = parse(&said.value).map_err(|error| (place, error.to_string()))?;
        Ok(Some(Said::new(value, said.origin)))
    }

    fn plain<T, U>(
        &self,
        spanned: Option<Spanned<T>>,
        parse: impl FnOnce(&T) -> Result<U, Invalid>,
    ) -> Result<Option<U>, Complaint> {
        Ok(self.one(spanned, parse)?.map(|said| said.value))
    }

    fn all<U>(
        &self,
        spanned: Vec<Spanned<String>>,
        parse: impl Fn(&str) -> Result<U, Invalid>,
    ) -> Result<Vec<Said<U>>, Complaint> {
        let said = spanned
            .into_iter()
            .map(|one| self.one(Some(one), |text| parse(text)));
        said.filter_map(Result::transpose).collect()
    }

    /// One text may stand for a range of ports.
    fn ports(&self, texts: Vec<Spanned<String>>) -> Result<Vec<Said<PortMapping>>, Complaint> {
        let ranges = self.all(texts, PortMapping::parse)?;
        let each = ranges.into_iter().flat_map(|said| {
            let origin = said.origin;
            said.value
                .into_iter()
                .map(move |mapping| Said::new(mapping, origin.clone()))
        });
        Ok(each.collect())
    }

    fn registry(&self, registry: Spanned<Registry>) -> Result<RegistryWish, Complaint> {
        let said = self.said(registry);
        let document = match said.value {
            Registry::Wanted(false) => return Ok(RegistryWish::Off(said.origin)),
            Registry::Wanted(true) => return Ok(RegistryWish::default()),
            Registry::Described(document) => document,
        };
        Ok(RegistryWish::On(RegistryDraft {
            name: self.one(document.name, |name| text::host_name(name))?,
            ip: self.plain(document.ip, |ip| text::ip(ip))?,
            port: document.port.map(|port| self.said(port)),
            image: self.one(document.image, |image| text::image(image))?,
        }))
    }

    fn mirrors(
        &self,
        mirrors: Option<Ordered<Spanned<Mirrored>>>,
    ) -> Result<BTreeMap<String, Said<Mirror>>, Complaint> {
        let mut read = BTreeMap::new();
        for (host, mirrored) in mirrors.map_or_else(Vec::new, |mirrors| mirrors.0) {
            let place = host.referenced;
            let complain = |error: Invalid| (place, error.to_string());
            let host = text::mirrored_host(&host.value).map_err(complain)?;
            let Some(mirrored) = mirrored else {
                let message = format!("who serves the images of {host}? write {}", forms::MIRROR_FORM);
                return Err((place, message));
            };
            let mirror = self.one(Some(mirrored), Mirrored::mirror)?;
            read.extend(mirror.map(|mirror| (host, mirror)));
        }
        Ok(read)
    }
}
