//! From the keys of k3d's file to a draft of a cluster.

use std::collections::BTreeMap;
use std::path::Path;

use serde_saphyr::Location;

use super::document::{
    CreateRegistry, Document, Header, K3sOptions, KubeApi, Mapping, NodeFilters, Registries, Text,
};
use super::values::{count, image, node_label, port_or_any, time_limit};
use super::{Error, K3dFile, expand::expand, filters, inline, refused::refuse};
use crate::cluster::places::Places;
use crate::cluster::spec::{
    ApiDraft, Draft, Invalid, Mirror, Name, NodeArgument, NodeSelector, NodeVariable, NodeVolume, Origin,
    PortMapping, RegistryDraft, RegistryWish, Said, quoted, text,
};
use crate::project::yaml::{Complaint, Spanned, complaint};

/// The versions whose keys are understood.
const VERSIONS: [&str; 2] = ["k3d.io/v1alpha5", "k3d.io/v1alpha4"];

/// Reads the text of `file`, with variables as `variable` tells them.
pub(super) fn read(
    file: &Path,
    content: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<K3dFile, Error> {
    let invalid = |(place, message): Complaint| Error::Invalid {
        file: file.to_owned(),
        line: place.line().max(1),
        column: place.column().max(1),
        message,
    };
    let reader = Reader {
        places: Places::of(file),
        folder: file.parent().unwrap_or(Path::new("/")),
        variable,
    };
    reader.file(content).map_err(invalid)
}

/// Turns texts of the file into values.
pub(super) struct Reader<'a> {
    places: Places,
    folder: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Entries, each with the nodes it is for.
type Entries<T> = Result<Vec<Said<T>>, Complaint>;

impl Reader<'_> {
    fn file(&self, content: &str) -> Result<K3dFile, Complaint> {
        let header: Header = serde_saphyr::from_str(content).map_err(|error| complaint(&error))?;
        self.check_version(&header)?;
        let mut document: Document = serde_saphyr::from_str(content).map_err(|error| complaint(&error))?;
        refuse(&document)?;
        let options = document.options.take().unwrap_or_default();
        let switch_context = self.check_options(&options)?;
        let timeout = match options.k3d.and_then(|k3d| k3d.timeout) {
            Some(timeout) => self.plain(Some(timeout), time_limit)?.flatten(),
            None => None,
        };
        let draft = self.draft(document, options.k3s.unwrap_or_default())?;
        Ok(K3dFile {
            draft,
            timeout,
            switch_context,
        })
    }

    /// Looks at the version before the keys, which are others in other versions.
    fn check_version(&self, header: &Header) -> Result<(), Complaint> {
        let Some(version) = &header.api_version else {
            return Err((
                Location::UNKNOWN,
                format!("'apiVersion' is missing: {}", VERSIONS[0]),
            ));
        };
        let expanded = self.expand(version)?;
        if !VERSIONS.contains(&expanded.as_str()) {
            let message = format!(
                "apiVersion {} is not understood, only {} and {}; `k3d config migrate` rewrites older files",
                quoted(&expanded),
                VERSIONS[0],
                VERSIONS[1]
            );
            return Err((version.referenced, message));
        }
        let Some(kind) = &header.kind else {
            return Err((Location::UNKNOWN, "'kind' is missing: Simple".to_owned()));
        };
        let expanded = self.expand(kind)?;
        if !expanded.eq_ignore_ascii_case("simple") {
            let message = format!("kind {} is not understood, only Simple", quoted(&expanded));
            return Err((kind.referenced, message));
        }
        Ok(())
    }

    fn draft(&self, document: Document, k3s: K3sOptions) -> Result<Draft, Complaint> {
        let metadata = document.metadata.unwrap_or_default();
        let registries = document.registries.unwrap_or_default();
        let volumes = document.volumes.unwrap_or_default().into_iter();
        let env = document.env.unwrap_or_default().into_iter();
        Ok(Draft {
            default_name: None,
            name: self.one(metadata.name, |name| Name::try_from(name.to_owned()))?,
            servers: self.one(document.servers, count)?,
            agents: self.one(document.agents, count)?,
            image: self.one(document.image, image)?,
            api: self.api(document.kube_api.unwrap_or_default())?,
            ports: self.ports(document.ports.unwrap_or_default())?,
            network: self.plain(document.network, text::network)?,
            token: self.plain(document.token, text::token)?,
            mirrors: self.mirrors(&registries)?,
            registry: self.registry(registries)?,
            volumes: self.entries(
                volumes.map(|entry| (entry.volume, entry.node_filters)),
                NodeSelector::All,
                |volume, nodes| NodeVolume::new(&text::from_folder(self.folder, volume), nodes),
            )?,
            env: self.entries(
                env.map(|entry| (entry.env_var, entry.node_filters)),
                NodeSelector::All,
                NodeVariable::new,
            )?,
            args: self.args(k3s)?,
        })
    }

    fn api(&self, api: KubeApi) -> Result<ApiDraft, Complaint> {
        let host = self.plain(api.host, text::host)?;
        Ok(ApiDraft {
            // "Every address" is none to connect to.
            host: host.filter(|host| !matches!(host.as_str(), "0.0.0.0" | "::")),
            ip: self.plain(api.host_ip, text::ip)?,
            port: self.one(api.host_port, port_or_any)?,
        })
    }

    fn registry(&self, registries: Registries) -> Result<RegistryWish, Complaint> {
        let Some(create) = registries.create else {
            return Ok(RegistryWish::Off(Origin::Default));
        };
        let CreateRegistry {
            name,
            host,
            host_port,
            image,
            ..
        } = create;
        let any_port = Said::new(0, Origin::Default);
        Ok(RegistryWish::On(RegistryDraft {
            name: self.one(name, text::host_name)?,
            ip: self.plain(host, text::ip)?,
            port: Some(self.one(host_port, port_or_any)?.unwrap_or(any_port)),
            image: self.one(image, text::image)?,
        }))
    }

    fn mirrors(&self, registries: &Registries) -> Result<BTreeMap<String, Said<Mirror>>, Complaint> {
        let config = registries.config.as_ref().map(|config| Spanned {
            value: config.value.clone(),
            ..*config
        });
        let mirrors = self.one(config, |config| inline::mirrors(config, self.folder))?;
        let Some(mirrors) = mirrors else {
            return Ok(BTreeMap::new());
        };
        let origin = mirrors.origin;
        let said = |(host, mirror)| (host, Said::new(mirror, origin.clone()));
        Ok(mirrors.value.into_iter().map(said).collect())
    }

    /// A text may stand for a range of ports, and filters for several nodes.
    fn ports(&self, ports: Vec<Mapping>) -> Entries<PortMapping> {
        let mut mappings = Vec::new();
        for entry in ports {
            let nodes = self.filters(entry.node_filters, filters::port_nodes)?;
            let Some(said) = self.one(Some(entry.port), PortMapping::parse)? else {
                continue;
            };
            for mapping in said.value {
                mappings.extend(nodes.iter().map(|node| {
                    let mapping = PortMapping {
                        node: *node,
                        ..mapping.clone()
                    };
                    Said::new(mapping, said.origin.clone())
                }));
            }
        }
        Ok(mappings)
    }

    fn args(&self, k3s: K3sOptions) -> Entries<NodeArgument> {
        let args = k3s.extra_args.unwrap_or_default().into_iter();
        let mut args = self.entries(
            args.map(|entry| (entry.arg, entry.node_filters)),
            NodeSelector::Servers,
            NodeArgument::new,
        )?;
        let labels = k3s.node_labels.unwrap_or_default().into_iter();
        let labels = self.entries(
            labels.map(|entry| (entry.label, entry.node_filters)),
            NodeSelector::All,
            |label, nodes| NodeArgument::new(&format!("--node-label={}", node_label(label)?), nodes),
        )?;
        args.extend(labels);
        Ok(args)
    }

    /// Each entry once for every selector of its filters.
    fn entries<T>(
        &self,
        entries: impl Iterator<Item = (Spanned<String>, NodeFilters)>,
        default: NodeSelector,
        make: impl Fn(&str, NodeSelector) -> Result<T, Invalid>,
    ) -> Entries<T> {
        let mut all = Vec::new();
        for (spanned, node_filters) in entries {
            let nodes = self.filters(node_filters, |filters| filters::nodes(filters, default))?;
            let make_all = |text: &str| nodes.iter().map(|nodes| make(text, *nodes)).collect();
            let said: Option<Said<Vec<T>>> = self.one(Some(spanned), make_all)?;
            if let Some(said) = said {
                let each = said.value.into_iter();
                all.extend(each.map(|value| Said::new(value, said.origin.clone())));
            }
        }
        Ok(all)
    }

    fn filters(
        &self,
        node_filters: NodeFilters,
        nodes: impl Fn(&[String]) -> Result<Vec<NodeSelector>, Invalid>,
    ) -> Result<Vec<NodeSelector>, Complaint> {
        let node_filters = node_filters.unwrap_or_default();
        let texts = node_filters
            .iter()
            .map(|text| self.expand(text))
            .collect::<Result<Vec<_>, _>>()?;
        // Each by itself first, for the place of a wrong one.
        for (text, spanned) in texts.iter().zip(&node_filters) {
            nodes(std::slice::from_ref(text)).map_err(|error| (spanned.referenced, error.to_string()))?;
        }
        let place = node_filters
            .first()
            .map_or(Location::UNKNOWN, |first| first.referenced);
        nodes(&texts).map_err(|error| (place, error.to_string()))
    }

    fn one<T>(
        &self,
        spanned: Text,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Result<Option<Said<T>>, Complaint> {
        self.places.one(spanned, |text| {
            let text = expand(text, self.variable)?;
            parse(&text)
        })
    }

    fn plain<T>(
        &self,
        spanned: Text,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Result<Option<T>, Complaint> {
        Ok(self.one(spanned, parse)?.map(|said| said.value))
    }

    /// The text with its variables filled in.
    pub(super) fn expand(&self, spanned: &Spanned<String>) -> Result<String, Complaint> {
        expand(&spanned.value, self.variable).map_err(|error| (spanned.referenced, error.to_string()))
    }
}
