//! The machine an engine runs on, from what the engine tells about it.

use crate::docker::{Endpoint, Info};

/// What the checks want to know of the engine's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// Where it is.
    pub(super) kind: Kind,
    /// What the engine tells; nothing where no engine answers.
    pub(super) info: Info,
}

/// Where an engine's machine is: what is to be changed, and how, depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// This machine: its files are the engine's files.
    #[default]
    Here,
    /// The virtual machine of Docker Desktop.
    DockerDesktop,
    /// The virtual machine of colima.
    Colima,
    /// Some other machine or virtual machine.
    Elsewhere,
}

impl Machine {
    /// The machine of an engine; `here` are this machine's name and kernel version.
    pub(super) fn of(info: Info, endpoint: &Endpoint, here: (&str, &str)) -> Self {
        let kind = kind(&info, endpoint, here);
        Self { kind, info }
    }

    /// The command that sets kernel parameters on it, each given as `name=value`.
    pub(super) fn sysctl(&self, parameters: &[String]) -> String {
        let parameters = parameters.join(" ");
        match self.kind {
            Kind::Here => {
                format!("`sudo sysctl -w {parameters}`; lines in /etc/sysctl.d/99-kubernetes.conf keep it")
            }
            Kind::Colima => format!("`colima ssh -- sudo sysctl -w {parameters}`"),
            Kind::DockerDesktop => format!("`docker run --rm --privileged busybox sysctl -w {parameters}`"),
            Kind::Elsewhere => format!("on the engine's machine: `sudo sysctl -w {parameters}`"),
        }
    }
}

fn kind(info: &Info, endpoint: &Endpoint, (name, kernel): (&str, &str)) -> Kind {
    if info.operating_system.contains("Docker Desktop") {
        Kind::DockerDesktop
    } else if info.name.contains("colima") {
        Kind::Colima
    } else if endpoint.address.starts_with("unix://") && info.name == name && info.kernel_version == kernel {
        Kind::Here
    } else {
        Kind::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Source;

    #[test_case("unix:///var/run/docker.sock", "here", "Debian", "6.1" => Kind::Here; "same name and kernel")]
    #[test_case("unix:///var/run/docker.sock", "here", "Debian", "5.15" => Kind::Elsewhere; "another kernel")]
    #[test_case("tcp://10.0.0.1:2375", "here", "Debian", "6.1" => Kind::Elsewhere; "over the network")]
    #[test_case("unix:///x", "docker-desktop", "Docker Desktop", "6.1" => Kind::DockerDesktop; "docker desktop")]
    #[test_case("unix:///x", "colima", "Ubuntu 24.04", "6.8" => Kind::Colima; "colima")]
    fn where_the_engine_is(address: &str, name: &str, operating_system: &str, kernel: &str) -> Kind {
        let endpoint = Endpoint {
            address: address.to_owned(),
            source: Source::Default,
        };
        let [name, operating_system, kernel] = [name, operating_system, kernel].map(str::to_owned);
        let info = Info {
            name,
            operating_system,
            kernel_version: kernel,
            ..Info::default()
        };
        Machine::of(info, &endpoint, ("here", "6.1")).kind
    }
}
