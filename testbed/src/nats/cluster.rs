//! Several servers that are one system.

use std::fmt::Write as _;
use std::net::TcpListener;

use super::Server;
use crate::Error;

/// Attempts at free ports: somebody may take one between its choice and the server's start.
const TRIES: usize = 5;

impl Server {
    /// Starts so many servers as one cluster. The first is `n1`, and each has its name as a tag, for the placement of streams. Clients are
    /// greeted when this returns; whoever creates something may have to wait for the leader.
    pub fn start_cluster(size: usize) -> Result<Vec<Self>, Error> {
        let mut tries = 1;
        loop {
            match cluster(size) {
                Err(Error::Ended { .. }) if tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }
}

fn cluster(size: usize) -> Result<Vec<Server>, Error> {
    let ports = free_ports(size)?;
    let mut servers = Vec::new();
    for (number, port) in ports.iter().enumerate() {
        let mut text = format!("server_name: n{0}\nserver_tags: [\"n{0}\"]\n", number + 1);
        let routes = ports.iter().map(|port| format!("nats://127.0.0.1:{port}"));
        let routes: Vec<String> = routes.collect();
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "cluster {{ name: testbed, listen: \"127.0.0.1:{port}\", routes: [{}] }}",
            routes.join(", ")
        );
        servers.push(Server::start_with(&text)?);
    }
    Ok(servers)
}

/// Ports that nobody listens on. Routes are written down before any server runs, so they cannot choose for themselves.
fn free_ports(count: usize) -> Result<Vec<u16>, Error> {
    let find = || Error::io("find a free port");
    let listeners = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").map_err(find()));
    let listeners: Vec<TcpListener> = listeners.collect::<Result<_, _>>()?;
    let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    listeners
        .iter()
        .map(|listener| port(listener).map_err(find()))
        .collect()
}
