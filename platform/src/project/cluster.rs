//! The section `cluster:`: what the project says about its cluster.

mod forms;

use std::collections::BTreeMap;
use std::path::Path;

use forms::{Mirrored, Registry};

use super::yaml::{Complaint, Ordered, Spanned};
use crate::cluster::places::Places;
use crate::cluster::spec::{
    ApiDraft, Draft, Invalid, Mirror, Name, NodeArgument, NodeVariable, NodeVolume, PortMapping,
    RegistryDraft, RegistryWish, Said, text,
};

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterDocument {
    name: Option<Spanned<String>>,
    servers: Option<Spanned<u32>>,
    agents: Option<Spanned<u32>>,
    image: Option<Spanned<String>>,
    api: Option<ApiDocument>,
    ports: Option<Vec<Spanned<String>>>,
    registry: Option<Spanned<Registry>>,
    mirrors: Option<Ordered<Spanned<Mirrored>>>,
    network: Option<Spanned<String>>,
    env: Option<Vec<Spanned<String>>>,
    args: Option<Vec<Spanned<String>>>,
    volumes: Option<Vec<Spanned<String>>>,
    /// Components that `create-cluster` deploys at its end.
    pub(super) install: Option<Vec<Spanned<String>>>,
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
    let places = Places::of(file);
    let registry = match document.registry {
        Some(registry) => registry_wish(&places, registry)?,
        None => RegistryWish::default(),
    };
    let api = document.api.unwrap_or_default();
    Ok(Draft {
        default_name: Name::try_from(name.to_owned()).ok(),
        name: places.one(document.name, |name| Name::try_from(name.clone()))?,
        servers: document.servers.map(|count| places.said(count)),
        agents: document.agents.map(|count| places.said(count)),
        image: places.one(document.image, |image| text::image(image))?,
        api: ApiDraft {
            host: places.plain(api.host, |host| text::host(host))?,
            ip: places.plain(api.ip, |ip| text::ip(ip))?,
            port: api.port.map(|port| places.said(port)),
        },
        ports: ports(&places, document.ports.unwrap_or_default())?,
        registry,
        mirrors: mirrors(&places, document.mirrors)?,
        network: places.plain(document.network, |network| text::network(network))?,
        token: None,
        env: places.all(document.env.unwrap_or_default(), NodeVariable::parse)?,
        args: places.all(document.args.unwrap_or_default(), NodeArgument::parse)?,
        volumes: places.all(document.volumes.unwrap_or_default(), |volume| {
            NodeVolume::parse(&text::from_folder(
                file.parent().unwrap_or(Path::new("/")),
                volume,
            ))
        })?,
    })
}

/// One text may stand for a range of ports.
fn ports(places: &Places, texts: Vec<Spanned<String>>) -> Result<Vec<Said<PortMapping>>, Complaint> {
    let ranges = places.all(texts, PortMapping::parse)?;
    let each = ranges.into_iter().flat_map(|said| {
        let origin = said.origin;
        said.value
            .into_iter()
            .map(move |mapping| Said::new(mapping, origin.clone()))
    });
    Ok(each.collect())
}

fn registry_wish(places: &Places, registry: Spanned<Registry>) -> Result<RegistryWish, Complaint> {
    let said = places.said(registry);
    let document = match said.value {
        Registry::Wanted(false) => return Ok(RegistryWish::Off(said.origin)),
        Registry::Wanted(true) => return Ok(RegistryWish::default()),
        Registry::Described(document) => document,
    };
    Ok(RegistryWish::On(RegistryDraft {
        name: places.one(document.name, |name| text::host_name(name))?,
        ip: places.plain(document.ip, |ip| text::ip(ip))?,
        port: document.port.map(|port| places.said(port)),
        image: places.one(document.image, |image| text::image(image))?,
    }))
}

fn mirrors(
    places: &Places,
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
        let mirror = places.one(Some(mirrored), Mirrored::mirror)?;
        read.extend(mirror.map(|mirror| (host, mirror)));
    }
    Ok(read)
}
