//! What somebody says about a cluster, before the defaults and the checks of the whole.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::check::check;
use super::invalid::{Error, Origin, Said};
use super::listeners::settle_ports;
use super::{
    ApiAddress, DEFAULT_IMAGE, DEFAULT_NAME, DEFAULT_REGISTRY_IMAGE, DEFAULT_REGISTRY_PORT, LOOPBACK, Mirror,
    Name, NodeArgument, NodeVariable, NodeVolume, PortMapping, RegistrySpec, Spec, text,
};

/// A description of a cluster with who said what, each value right by itself. What is absent will be the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The name when nobody says one; `None` for [`DEFAULT_NAME`].
    pub default_name: Option<Name>,
    pub(crate) name: Option<Said<Name>>,
    pub(crate) servers: Option<Said<u32>>,
    pub(crate) agents: Option<Said<u32>>,
    pub(crate) image: Option<Said<String>>,
    pub(crate) api: ApiDraft,
    pub(crate) ports: Vec<Said<PortMapping>>,
    pub(crate) registry: RegistryWish,
    pub(crate) mirrors: BTreeMap<String, Said<Mirror>>,
    pub(crate) network: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) env: Vec<Said<NodeVariable>>,
    pub(crate) args: Vec<Said<NodeArgument>>,
    pub(crate) volumes: Vec<Said<NodeVolume>>,
}

/// What is said about the API server's address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ApiDraft {
    pub(crate) host: Option<String>,
    pub(crate) ip: Option<IpAddr>,
    /// 0 for any free one.
    pub(crate) port: Option<Said<u16>>,
}

/// Whether there is to be a registry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RegistryWish {
    /// There is one.
    On(RegistryDraft),
    /// There is none.
    Off(Origin),
}

impl Default for RegistryWish {
    fn default() -> Self {
        Self::On(RegistryDraft::default())
    }
}

/// What is said about the registry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RegistryDraft {
    pub(crate) name: Option<Said<String>>,
    pub(crate) ip: Option<IpAddr>,
    /// 0 for any free one.
    pub(crate) port: Option<Said<u16>>,
    pub(crate) image: Option<Said<String>>,
}

/// What the command line says on top; absent flags change nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `NAME`.
    pub name: Option<String>,
    /// `--servers`.
    pub servers: Option<u32>,
    /// `--agents`.
    pub agents: Option<u32>,
    /// `--image`.
    pub image: Option<String>,
    /// `--registry-port`; 0 for any free one.
    pub registry_port: Option<u16>,
    /// `--port`, each as [`PortMapping::parse`] reads it: added to those of the file, in place of one for the same port of this
    /// machine.
    pub ports: Vec<String>,
    /// `--api-port`; 0 for any free one.
    pub api_port: Option<u16>,
}

impl Draft {
    /// The cluster that is meant: the name of the command line, or of the file, or the default.
    ///
    /// # Errors
    /// When the name of the command line is none.
    pub fn cluster_name(&self, named: Option<&str>) -> Result<Name, Error> {
        Ok(match (named, &self.name, &self.default_name) {
            (Some(named), ..) => name_of_flag(named)?.value,
            (None, Some(said), _) => said.value.clone(),
            (None, None, Some(name)) => name.clone(),
            (None, None, None) => Name::try_from(DEFAULT_NAME.to_owned())
                .map_err(|error| Error::new(Origin::Default, error.to_string()))?,
        })
    }

    /// The cluster as it should be: `overrides` over this over the defaults, checked as a whole.
    ///
    /// # Errors
    /// The first thing that cannot be, with who said it.
    pub fn spec(mut self, overrides: &Overrides) -> Result<Spec, Error> {
        self.take(overrides)?;
        let name = self.cluster_name(None)?;
        check(&self, &name)?;
        let ports = settle_ports(&self)?;
        let count = |said: &Option<Said<u32>>, default| {
            let count = said.as_ref().map_or(default, |said| said.value);
            u8::try_from(count).unwrap_or(u8::MAX)
        };
        let spec = Spec {
            servers: count(&self.servers, 1),
            agents: count(&self.agents, 0),
            image: said_or(self.image, DEFAULT_IMAGE),
            api: self.api.settle(),
            ports,
            registry: self.registry.settle(&name),
            mirrors: self
                .mirrors
                .into_iter()
                .map(|(host, said)| (host, said.value))
                .collect(),
            network: self.network,
            token: self.token,
            env: values(self.env),
            args: values(self.args),
            volumes: values(self.volumes),
            name,
        };
        Ok(spec.ordered())
    }

    /// Puts what the command line says over what is there.
    fn take(&mut self, overrides: &Overrides) -> Result<(), Error> {
        if let Some(name) = &overrides.name {
            self.name = Some(name_of_flag(name)?);
        }
        if let Some(servers) = overrides.servers {
            self.servers = Some(Said::new(servers, Origin::Flag("--servers")));
        }
        if let Some(agents) = overrides.agents {
            self.agents = Some(Said::new(agents, Origin::Flag("--agents")));
        }
        if let Some(image) = &overrides.image {
            let origin = Origin::Flag("--image");
            let image = text::image(image).map_err(|error| Error::new(origin.clone(), error.to_string()))?;
            self.image = Some(Said::new(image, origin));
        }
        if let Some(port) = overrides.api_port {
            self.api.port = Some(Said::new(port, Origin::Flag("--api-port")));
        }
        if let Some(port) = overrides.registry_port {
            self.registry.take_port(port)?;
        }
        self.take_ports(&overrides.ports)
    }

    fn take_ports(&mut self, ports: &[String]) -> Result<(), Error> {
        let origin = Origin::Flag("--port");
        let mut taken = Vec::new();
        for text in ports {
            let mappings =
                PortMapping::parse(text).map_err(|error| Error::new(origin.clone(), error.to_string()))?;
            taken.extend(mappings);
        }
        let same = |a: &PortMapping, b: &PortMapping| a.host_port == b.host_port && a.protocol == b.protocol;
        self.ports
            .retain(|said| !taken.iter().any(|mapping| same(mapping, &said.value)));
        let taken = taken
            .into_iter()
            .map(|mapping| Said::new(mapping, origin.clone()));
        self.ports.extend(taken);
        Ok(())
    }
}

impl ApiDraft {
    /// The address the API server is bound to.
    pub(super) fn ip(&self) -> IpAddr {
        self.ip.unwrap_or(LOOPBACK)
    }

    fn settle(self) -> ApiAddress {
        let ip = self.ip();
        // Nobody connects to "every address".
        let reached = match ip {
            IpAddr::V4(v4) if v4.is_unspecified() => LOOPBACK,
            IpAddr::V6(v6) if v6.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        ApiAddress {
            host: self.host.unwrap_or_else(|| reached.to_string()),
            ip,
            port: self.port.map(|said| said.value).filter(|port| *port != 0),
        }
    }
}

impl RegistryWish {
    fn take_port(&mut self, port: u16) -> Result<(), Error> {
        let said = Said::new(port, Origin::Flag("--registry-port"));
        match self {
            Self::On(draft) => draft.port = Some(said),
            Self::Off(Origin::Default) => {
                *self = Self::On(RegistryDraft {
                    port: Some(said),
                    ..RegistryDraft::default()
                });
            }
            Self::Off(origin) => {
                return Err(said.error(format!("there is to be no registry, as {origin} says")));
            }
        }
        Ok(())
    }

    fn settle(self, cluster: &Name) -> Option<RegistrySpec> {
        let Self::On(draft) = self else { return None };
        Some(RegistrySpec {
            ip: draft.ip(),
            port: Some(draft.port()).filter(|port| *port != 0),
            name: draft.name(cluster),
            image: said_or(draft.image, DEFAULT_REGISTRY_IMAGE),
        })
    }
}

impl RegistryDraft {
    /// The container's name.
    pub(super) fn name(&self, cluster: &Name) -> String {
        self.name
            .as_ref()
            .map_or_else(|| cluster.registry(), |said| said.value.clone())
    }

    /// The address it is bound to.
    pub(super) fn ip(&self) -> IpAddr {
        self.ip.unwrap_or(LOOPBACK)
    }

    /// Its port on this machine; 0 for any free one.
    pub(super) fn port(&self) -> u16 {
        self.port
            .as_ref()
            .map_or(DEFAULT_REGISTRY_PORT, |said| said.value)
    }
}

fn name_of_flag(name: &str) -> Result<Said<Name>, Error> {
    let origin = Origin::Flag("NAME");
    match Name::try_from(name.to_owned()) {
        Ok(name) => Ok(Said::new(name, origin)),
        Err(error) => Err(Error::new(origin, error.to_string())),
    }
}

fn said_or(said: Option<Said<String>>, default: &str) -> String {
    said.map_or_else(|| default.to_owned(), |said| said.value)
}

fn values<T>(said: Vec<Said<T>>) -> Vec<T> {
    said.into_iter().map(|said| said.value).collect()
}
