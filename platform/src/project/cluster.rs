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

/// Kubernetes in containers of a Docker engine.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterDocument {
    /// Its name. Default: the project's name if it can be one, or else `localdevcluster`.
    name: Option<Spanned<String>>,
    /// Nodes that run the control plane; an odd number. Default: `1`.
    servers: Option<Spanned<u32>>,
    /// Nodes that only run pods. Default: `0`.
    agents: Option<Spanned<u32>>,
    /// The node image.
    image: Option<Spanned<String>>,
    /// Where the API server is reached.
    api: Option<ApiDocument>,
    /// Ports of nodes on this machine: `[IP:]HOST:NODE[/tcp|udp][@server:0]`, ranges too.
    ports: Option<Vec<Spanned<String>>>,
    /// The registry beside the cluster; `false` for none. Default: `true`.
    registry: Option<Spanned<Registry>>,
    /// Who serves the images of other registries, by their host; `*` stands for all that are not named.
    mirrors: Option<Ordered<Spanned<Mirrored>>>,
    /// An existing network to join. Default: one of its own.
    network: Option<Spanned<String>>,
    /// Variables of nodes, `NAME=value`, for all or for those behind an `@`.
    env: Option<Vec<Spanned<String>>>,
    /// Arguments of k3s, for the servers or for the nodes behind an `@`.
    args: Option<Vec<Spanned<String>>>,
    /// Folders and volumes of nodes, `SOURCE:TARGET[:ro]`, for all or for those behind an `@`. A source that begins with `./` or `../`
    /// is relative to this file.
    volumes: Option<Vec<Spanned<String>>>,
    /// Components that `create-cluster` deploys at its end.
    pub(super) install: Option<Vec<Spanned<String>>>,
}

/// Where the API server is reached.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApiDocument {
    /// The host in the kubeconfig. Default: `ip`, or this machine where that is 0.0.0.0.
    host: Option<Spanned<String>>,
    /// The address that it is published on. Default: `127.0.0.1`.
    ip: Option<Spanned<String>>,
    /// The port on this machine. Default: any free one.
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
