//! The cluster's addresses on this machine, and what answers there.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde::Serialize;

use crate::cluster::spec::Protocol;
use crate::cluster::{Found, Published, Role};
use crate::http_request;

/// A gateway on this machine answers at once.
const LIMIT: Duration = Duration::from_millis(500);
/// The port of the API server in a node.
const API_PORT: u16 = 6443;
/// Where systems like ours have their pages and their API behind a gateway.
const PATHS: [&str; 2] = ["/ui", "/api"];

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Url {
    /// The URL; `udp://…` for a port that takes datagrams.
    pub url: String,
    /// What it leads to.
    #[serde(flatten)]
    pub target: Target,
    /// The HTTP status with which it answers; `None` when it does not, or was not asked.
    pub answers: Option<u16>,
}

/// What an address leads to. As JSON: `"leadsTo":"port","node":"k3d-dev-server-0","port":80`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "leadsTo", rename_all = "kebab-case")]
pub enum Target {
    /// The Kubernetes API.
    KubernetesApi,
    /// A registry.
    Registry {
        /// Its container.
        name: String,
    },
    /// A port of a node.
    Port {
        /// The node.
        node: String,
        /// The port there.
        port: u16,
    },
    /// A path behind the gateway at a port of a node.
    Path {
        /// Such as `/ui`.
        path: &'static str,
    },
}

/// The addresses of what runs.
pub(super) async fn look(found: &Found) -> Vec<Url> {
    let containers = found.containers().flat_map(|container| {
        container
            .ports
            .iter()
            .map(move |port| (container.role, port.clone()))
    });
    let mut ports: Vec<(Role, Published)> = containers.collect();
    ports.sort_by_key(|(role, port)| (rank(*role, port), port.host_port));
    // One port of two protocols or of several addresses is still several URLs, except for the addresses of IPv6.
    ports.retain(|(_, port)| port.host_ip.is_ipv4());
    join_all(ports.into_iter().map(|(role, port)| of_port(role, port)))
        .await
        .concat()
}

/// The API first, then the registry, then the rest.
fn rank(role: Role, port: &Published) -> u8 {
    match role {
        Role::Registry => 1,
        _ if port.container_port == API_PORT => 0,
        _ => 2,
    }
}

async fn of_port(role: Role, port: Published) -> Vec<Url> {
    let host = match port.host_ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let address = format!("{host}:{}", port.host_port);
    let plain = |url: String, target| Url {
        url,
        target,
        answers: None,
    };
    match (role, port.container_port, port.protocol) {
        (Role::Registry, ..) => {
            let name = port.container;
            vec![plain(
                format!("http://localhost:{}", port.host_port),
                Target::Registry { name },
            )]
        }
        (_, API_PORT, Protocol::Tcp) => vec![plain(format!("https://{address}"), Target::KubernetesApi)],
        (_, container_port, protocol) => {
            let target = Target::Port {
                node: port.container,
                port: container_port,
            };
            if protocol == Protocol::Udp {
                return vec![plain(format!("udp://{address}"), target)];
            }
            behind(&address, target).await
        }
    }
}

/// The address itself, and the paths behind it when it answers.
async fn behind(address: &str, target: Target) -> Vec<Url> {
    let answers = get(address, "/").await;
    let url = format!("http://{address}");
    let mut urls = vec![Url {
        url: url.clone(),
        target,
        answers,
    }];
    if answers.is_some() {
        let paths = PATHS.map(async |path| Url {
            url: format!("{url}{path}"),
            target: Target::Path { path },
            answers: get(address, path).await,
        });
        urls.extend(join_all(paths).await);
    }
    urls
}

async fn get(address: &str, path: &str) -> Option<u16> {
    let request = http_request::send(address, Method::GET, path, &[], String::new());
    let answer = tokio::time::timeout(LIMIT, request).await.ok()?;
    Some(answer.ok()?.status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(host_ip: [u8; 4], host_port: u16, container_port: u16, protocol: Protocol) -> Published {
        Published {
            host_ip: host_ip.into(),
            host_port,
            container_port,
            protocol,
            container: "k3d-dev-server-0".to_owned(),
        }
    }

    #[tokio::test]
    async fn each_port_leads_somewhere() {
        let api = of_port(Role::Server, port([0, 0, 0, 0], 6550, 6443, Protocol::Tcp)).await;
        assert_eq!(
            (api[0].url.as_str(), &api[0].target),
            ("https://127.0.0.1:6550", &Target::KubernetesApi)
        );
        let registry = of_port(Role::Registry, port([127, 0, 0, 1], 5000, 5000, Protocol::Tcp)).await;
        assert_eq!(registry[0].url, "http://localhost:5000");
        let datagrams = of_port(Role::Agent, port([127, 0, 0, 1], 53, 53, Protocol::Udp)).await;
        assert_eq!(
            (datagrams[0].url.as_str(), datagrams[0].answers),
            ("udp://127.0.0.1:53", None)
        );
    }

    #[tokio::test]
    async fn paths_are_shown_only_behind_something_that_answers() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().port();
        let gateway = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 512];
                let read = stream.read(&mut head).await.unwrap();
                let found = head[..read].starts_with(b"GET /ui ");
                let status = if found { "200 OK" } else { "404 Not Found" };
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let urls = of_port(Role::Server, port([127, 0, 0, 1], at, 80, Protocol::Tcp)).await;
        let answers: Vec<Option<u16>> = urls.iter().map(|url| url.answers).collect();
        assert_eq!(answers, [Some(404), Some(200), Some(404)]);
        gateway.abort();
        assert!(gateway.await.is_err());
        let urls = of_port(Role::Server, port([127, 0, 0, 1], at, 80, Protocol::Tcp)).await;
        assert_eq!((urls.len(), urls[0].answers), (1, None));
    }
}
