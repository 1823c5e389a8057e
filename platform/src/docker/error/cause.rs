//! Why an engine refuses, in kinds that somebody can do something about.

use std::fmt;
use std::net::IpAddr;

/// Why the engine refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A port of this machine is in use.
    PortTaken {
        /// The address it was to be bound to, if the engine says.
        ip: Option<IpAddr>,
        /// The port, if the engine says.
        port: Option<u16>,
    },
    /// A port below 1024, and the engine may not open it (rootless).
    PortForbidden {
        /// The port, if the engine says.
        port: Option<u16>,
    },
    /// The address that a port was to be bound to is not one of this machine's.
    NoSuchAddress,
    /// The engine does not have the image.
    NoSuchImage,
    /// The registry has no such image or tag.
    NotInRegistry,
    /// The registry wants credentials, or others.
    PullRefused,
    /// The registry has had enough of us for now.
    RateLimited,
    /// The registry cannot be reached from the engine: no network, no such name, a proxy, a certificate.
    RegistryUnreachable,
    /// The image is there, for other processors.
    WrongPlatform,
    /// No space left where the engine keeps its data.
    DiskFull,
    /// Privileged containers are not possible: user namespaces, a rootless engine, a policy.
    NotPrivileged,
    /// The machine's cgroups are not as the container runtime needs them.
    Cgroup,
    /// The name of a container, network or volume is in use.
    NameTaken {
        /// The name, if the engine says.
        name: Option<String>,
        /// The id of the container that has it, if the engine says.
        by: Option<String>,
    },
    /// Every address range for networks is used up.
    NoAddresses,
    /// The address range asked for overlaps with a network that is there.
    AddressOverlap,
    /// The engine's firewall rules are gone or cannot be made.
    Firewall,
    /// The source of a bind mount is not there.
    NoBindSource,
    /// The program to run is not in the image.
    NoProgram,
    /// Something still uses it: a network has containers, a volume is mounted.
    InUse,
    /// The container does not run.
    NotRunning,
    /// It is being removed already.
    RemovalInProgress,
    /// There is no such container, network, volume or path.
    NotFound,
    /// Not understood; the engine's own words are all there is.
    Other,
}

impl Cause {
    /// The sentence behind a colon; nothing where the engine's own words must do.
    pub(super) fn after_colon(&self) -> String {
        match self {
            Cause::Other => String::new(),
            cause => format!(": {cause}"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port_of = |port: &Option<u16>| port.map(|port| format!(" {port}")).unwrap_or_default();
        f.write_str(match self {
            Cause::PortTaken { ip: Some(ip), port } if !ip.is_unspecified() => {
                return write!(f, "port{} on {ip} is taken", port_of(port));
            }
            Cause::PortTaken { port: None, .. } => "a port is taken",
            Cause::PortTaken { port, .. } => return write!(f, "port{} is taken", port_of(port)),
            Cause::PortForbidden { port } => {
                return write!(
                    f,
                    "the engine may not open port{}, which is privileged",
                    port_of(port)
                );
            }
            Cause::NoSuchAddress => "a port was to be bound to an address this machine does not have",
            Cause::NoSuchImage => "the engine does not have the image",
            Cause::NotInRegistry => "the registry has no such image",
            Cause::PullRefused => "the registry refuses access, or has no such image",
            Cause::RateLimited => "the registry's limit on pulls is reached",
            Cause::RegistryUnreachable => "the registry cannot be reached",
            Cause::WrongPlatform => "the image is not made for this machine's processor",
            Cause::DiskFull => "no space is left on its disk",
            Cause::NotPrivileged => "privileged containers are not possible here",
            Cause::Cgroup => "the cgroups of this machine cannot be used",
            Cause::NameTaken { name, .. } => {
                return match name {
                    Some(name) => write!(f, "the name {name} is taken"),
                    None => f.write_str("the name is taken"),
                };
            }
            Cause::NoAddresses => "no address range is left for another network",
            Cause::AddressOverlap => "its address range overlaps with another network",
            Cause::Firewall => "the engine cannot set its firewall rules",
            Cause::NoBindSource => "the source of a bind mount is not there",
            Cause::NoProgram => "the program to run is not in the image",
            Cause::InUse => "it is still in use",
            Cause::NotRunning => "the container does not run",
            Cause::RemovalInProgress => "it is being removed already",
            Cause::NotFound => "it is not there",
            Cause::Other => "it did not say why in words we know",
        })
    }
}
