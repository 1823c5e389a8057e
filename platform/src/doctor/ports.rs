//! Ports of this machine that the cluster publishes: free, its own already, or taken, and by whom.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use bollard::query_parameters::ListContainersOptionsBuilder;

use super::machine::Kind;
use super::scene::{Reached, Scene};
use super::{Finding, blocking};
use crate::cluster::spec::Protocol;
use crate::cluster::{Spec, labels};
use crate::port_owner;

pub(super) const CHECK: &str = "ports";

/// Somebody on this machine answers at once.
const CONNECT_LIMIT: Duration = Duration::from_millis(200);

/// A port the cluster wants.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    ip: IpAddr,
    port: u16,
    /// What for, and what is changed to take another.
    purpose: &'static str,
    setting: &'static str,
}

/// Who has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    /// A container of this cluster.
    Ours(String),
    /// Another container.
    Container(String),
    /// A program, as far as this machine tells.
    Program(Option<String>),
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = scene.engine().await.ok();
    if reached.is_some_and(|reached| reached.machine.kind == Kind::Elsewhere) {
        return vec![Finding::skipped(
            CHECK,
            "the engine publishes ports on another machine",
        )];
    }
    let published = match reached {
        Some(reached) => published(reached).await,
        None => BTreeMap::new(),
    };
    let cluster = Some(scene.question.spec.name.to_string());
    let mut findings = Vec::new();
    for port in wanted(&scene.wanted().await) {
        let holder = match published.get(&port.port) {
            Some((container, owner)) if *owner == cluster => Holder::Ours(container.clone()),
            Some((container, _)) => Holder::Container(container.clone()),
            None => program(port.clone()).await,
        };
        findings.push(judge(&port, &holder, std::env::consts::OS));
    }
    findings
}

fn wanted(spec: &Spec) -> Vec<Wanted> {
    let registry = |ip, port| Wanted {
        ip,
        port,
        purpose: "registry",
        setting: "--registry-port",
    };
    let mut wanted = Vec::new();
    if let Some((ip, port)) = spec
        .registry
        .as_ref()
        .and_then(|registry| Some((registry.ip, registry.port?)))
    {
        wanted.push(registry(ip, port));
    }
    if let Some(port) = spec.api.port {
        let (purpose, setting) = ("Kubernetes API", "--api-port");
        wanted.push(Wanted {
            ip: spec.api.ip,
            port,
            purpose,
            setting,
        });
    }
    let tcp = spec
        .ports
        .iter()
        .filter(|mapping| mapping.protocol == Protocol::Tcp);
    wanted.extend(tcp.map(|mapping| Wanted {
        ip: mapping.host_ip,
        port: mapping.host_port,
        purpose: "node",
        setting: "--port",
    }));
    wanted
}

/// Published ports, with the container and the cluster it belongs to.
async fn published(reached: &Reached) -> BTreeMap<u16, (String, Option<String>)> {
    let options = ListContainersOptionsBuilder::default().build();
    let containers = reached
        .engine
        .api()
        .list_containers(Some(options))
        .await
        .unwrap_or_default();
    let mut published = BTreeMap::new();
    for container in containers {
        let name = container.names.iter().flatten().next();
        let name = name
            .map(|name| name.trim_start_matches('/').to_owned())
            .unwrap_or_default();
        let cluster = container
            .labels
            .as_ref()
            .and_then(|of| of.get(labels::CLUSTER))
            .cloned();
        for port in container
            .ports
            .iter()
            .flatten()
            .filter_map(|port| port.public_port)
        {
            published.insert(port, (name.clone(), cluster.clone()));
        }
    }
    published
}

/// Tries the port, as a server and as a client: on some systems one address can be bound twice.
async fn program(wanted: Wanted) -> Holder {
    let look = move || {
        let address = SocketAddr::new(wanted.ip, wanted.port);
        let bound = TcpListener::bind(address);
        let in_use = bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
        if in_use || TcpStream::connect_timeout(&address, CONNECT_LIMIT).is_ok() {
            Holder::Program(port_owner::find(wanted.port).map(|owner| owner.to_string()))
        } else {
            Holder::Nobody
        }
    };
    blocking(look).await.unwrap_or(Holder::Nobody)
}

fn judge(wanted: &Wanted, holder: &Holder, system: &str) -> Finding {
    let Wanted {
        ip,
        port,
        purpose,
        setting,
    } = wanted;
    let address = SocketAddr::new(*ip, *port);
    let another = format!("`ratectl create-cluster {setting} …` takes another");
    match holder {
        Holder::Nobody => Finding::ok(CHECK, format!("{address} ({purpose}) is free")),
        Holder::Ours(container) => {
            Finding::ok(CHECK, format!("{address} ({purpose}) is served by {container}"))
        }
        Holder::Container(container) => Finding::error(
            CHECK,
            format!("{address} ({purpose}) is taken by the container {container}"),
            format!("`docker stop {container}`, or {another}"),
        ),
        Holder::Program(None) if system == "macos" && *port == 5000 => Finding::error(
            CHECK,
            format!("{address} ({purpose}) is taken, most likely by AirPlay Receiver"),
            format!("System Settings, General, AirDrop & Handoff: switch AirPlay Receiver off, or {another}"),
        ),
        Holder::Program(owner) => {
            let owner = owner
                .as_ref()
                .map(|owner| format!(" by {owner}"))
                .unwrap_or_default();
            Finding::error(
                CHECK,
                format!("{address} ({purpose}) is taken{owner}"),
                format!("stop that program, or {another}"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::cluster::spec::LOOPBACK;
    use crate::doctor::Verdict;

    fn found(holder: &Holder, system: &str) -> Finding {
        let (purpose, setting) = ("registry", "--registry-port");
        judge(
            &Wanted {
                ip: LOOPBACK,
                port: 5000,
                purpose,
                setting,
            },
            holder,
            system,
        )
    }

    #[test_case(&Holder::Nobody => Verdict::Ok; "free")]
    #[test_case(&Holder::Ours("k3d-a-registry".to_owned()) => Verdict::Ok; "ours")]
    #[test_case(&Holder::Container("web".to_owned()) => Verdict::Error; "a container")]
    #[test_case(&Holder::Program(None) => Verdict::Error; "somebody")]
    fn holder(holder: &Holder) -> Verdict {
        found(holder, "linux").verdict
    }

    #[test]
    fn airplay_is_named_where_it_lives() {
        let finding = found(&Holder::Program(None), "macos");
        assert!(finding.summary.contains("AirPlay") && finding.fix.unwrap().contains("Handoff"));
    }

    #[test]
    fn a_program_is_named_with_a_way_out() {
        let finding = found(
            &Holder::Program(Some("`python3 -m http.server` (process 7)".to_owned())),
            "linux",
        );
        assert_eq!(
            finding.summary,
            "127.0.0.1:5000 (registry) is taken by `python3 -m http.server` (process 7)"
        );
        assert!(finding.fix.unwrap().contains("--registry-port"));
    }

    #[tokio::test]
    async fn a_port_that_listens_is_seen_and_a_free_one_too() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (purpose, setting) = ("node", "--port");
        let wanted = Wanted {
            ip: LOOPBACK,
            port,
            purpose,
            setting,
        };
        assert!(matches!(program(wanted.clone()).await, Holder::Program(_)));
        drop(listener);
        assert_eq!(program(wanted).await, Holder::Nobody);
    }
}
