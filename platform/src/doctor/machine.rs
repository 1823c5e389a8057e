//! The machine an engine runs on, from what the engine tells about it.

use bollard::models::{SystemInfo, SystemInfoCgroupVersionEnum as CgroupVersion};

use crate::docker::Endpoint;

/// What the checks want to know of the engine's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// What kind it is.
    pub(super) kind: Kind,
    /// The engine's version.
    pub(super) version: String,
    /// Its host name.
    pub(super) name: String,
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    pub(super) operating_system: String,
    /// `linux` or `windows`: what containers run on it.
    pub(super) os_type: String,
    /// Where the engine keeps its data.
    pub(super) root: String,
    /// 1 or 2; `None` when the engine does not say, as before version 20.10.
    pub(super) cgroup_version: Option<u8>,
    /// `cgroupfs`, `systemd` or `none`.
    pub(super) cgroup_driver: String,
    /// Names of the security options, such as `rootless`, `userns`, `seccomp`.
    pub(super) security: Vec<String>,
    /// Processors.
    pub(super) cpus: u64,
    /// Bytes.
    pub(super) memory: u64,
    /// Its clock when it answered, in RFC 3339.
    pub(super) time: String,
    /// Its proxy for `http://`.
    pub(super) http_proxy: String,
    /// Its proxy for `https://`.
    pub(super) https_proxy: String,
    /// What goes past its proxies.
    pub(super) no_proxy: String,
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
    /// What `info` tells; `here` are this machine's host name and kernel release.
    pub(super) fn of(info: &SystemInfo, endpoint: &Endpoint, here: (&str, &str)) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let number = |field: Option<i64>| {
            field
                .and_then(|number| u64::try_from(number).ok())
                .unwrap_or_default()
        };
        Self {
            kind: kind(info, endpoint, here),
            version: text(&info.server_version),
            name: text(&info.name),
            operating_system: text(&info.operating_system),
            os_type: text(&info.os_type),
            root: text(&info.docker_root_dir),
            cgroup_version: match info.cgroup_version {
                Some(CgroupVersion::_1) => Some(1),
                Some(CgroupVersion::_2) => Some(2),
                _ => None,
            },
            cgroup_driver: info
                .cgroup_driver
                .map(|driver| driver.to_string())
                .unwrap_or_default(),
            security: info
                .security_options
                .iter()
                .flatten()
                .map(|option| security_name(option))
                .collect(),
            cpus: number(info.ncpu),
            memory: number(info.mem_total),
            time: text(&info.system_time),
            http_proxy: text(&info.http_proxy),
            https_proxy: text(&info.https_proxy),
            no_proxy: text(&info.no_proxy),
        }
    }

    /// Whether a security option is on.
    pub(super) fn has(&self, option: &str) -> bool {
        self.security.iter().any(|name| name == option)
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

fn kind(info: &SystemInfo, endpoint: &Endpoint, (name, kernel): (&str, &str)) -> Kind {
    let is = |field: &Option<String>, value: &str| field.as_deref() == Some(value);
    let said = |field: &Option<String>, word: &str| field.as_deref().is_some_and(|text| text.contains(word));
    if said(&info.operating_system, "Docker Desktop") {
        Kind::DockerDesktop
    } else if said(&info.name, "colima") {
        Kind::Colima
    } else if endpoint.address.starts_with("unix://")
        && is(&info.name, name)
        && is(&info.kernel_version, kernel)
    {
        Kind::Here
    } else {
        Kind::Elsewhere
    }
}

/// The name in a security option such as `name=seccomp,profile=default`.
fn security_name(option: &str) -> String {
    let first = option.split(',').next().unwrap_or_default();
    first.strip_prefix("name=").unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Source;

    fn info(name: &str, operating_system: &str, kernel: &str) -> SystemInfo {
        SystemInfo {
            name: Some(name.to_owned()),
            operating_system: Some(operating_system.to_owned()),
            kernel_version: Some(kernel.to_owned()),
            security_options: Some(vec![
                "name=seccomp,profile=default".to_owned(),
                "name=rootless".to_owned(),
            ]),
            ..SystemInfo::default()
        }
    }

    #[test_case("unix:///var/run/docker.sock", &info("here", "Debian", "6.1") => Kind::Here; "same name and kernel")]
    #[test_case("unix:///var/run/docker.sock", &info("here", "Debian", "5.15") => Kind::Elsewhere; "another kernel")]
    #[test_case("tcp://10.0.0.1:2375", &info("here", "Debian", "6.1") => Kind::Elsewhere; "over the network")]
    #[test_case("unix:///x", &info("docker-desktop", "Docker Desktop", "6.1") => Kind::DockerDesktop; "docker desktop")]
    #[test_case("unix:///x", &info("colima", "Ubuntu 24.04", "6.8") => Kind::Colima; "colima")]
    fn where_the_engine_is(address: &str, info: &SystemInfo) -> Kind {
        let endpoint = Endpoint {
            address: address.to_owned(),
            source: Source::Default,
        };
        Machine::of(info, &endpoint, ("here", "6.1")).kind
    }

    #[test]
    fn security_options_go_by_their_names() {
        let endpoint = Endpoint {
            address: "unix:///x".to_owned(),
            source: Source::Default,
        };
        let machine = Machine::of(&info("a", "b", "c"), &endpoint, ("a", "c"));
        assert!(machine.has("rootless") && machine.has("seccomp") && !machine.has("userns"));
    }
}
