//! The local end: addresses that are listened on from the beginning to the end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::Error;
use crate::port_owner;

/// How often any free port is looked for that is free on all addresses.
const ATTEMPTS: usize = 16;
/// The pause after a connection could not be taken, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a forward listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The addresses; empty for this machine's own, 127.0.0.1 and, where there is one, `::1`.
    pub addresses: Vec<IpAddr>,
    /// The port; 0 for any free one.
    pub port: u16,
}

impl Local {
    /// A port of this machine that nobody else reaches; 0 for any free one.
    pub fn loopback(port: u16) -> Self {
        Self {
            addresses: Vec::new(),
            port,
        }
    }
}

/// Listeners on one port of one or more addresses.
pub(super) struct Listeners(Vec<TcpListener>);

impl Listeners {
    /// Listens. Never takes another port than the one that was asked for.
    pub(super) async fn bind(local: &Local) -> Result<Self, Error> {
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let (addresses, may_lack) = match local.addresses.as_slice() {
            [] => (&loopback[..], true),
            addresses => (addresses, false),
        };
        let mut attempt = 0;
        loop {
            attempt += 1;
            match bind_all(addresses, local.port, may_lack).await {
                // The first address had it free, another had not.
                Err(Error::Taken { .. }) if local.port == 0 && attempt < ATTEMPTS => {}
                bound => return bound.map(Self),
            }
        }
    }

    /// The address of the first listener.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.0
            .first()
            .ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
            .and_then(TcpListener::local_addr)
    }

    /// The next connection. What keeps one from being taken passes; the listeners stay.
    pub(super) async fn accept(&self) -> TcpStream {
        loop {
            let accepts = self.0.iter().map(|listener| Box::pin(listener.accept()));
            let (accepted, _, _) = futures_util::future::select_all(accepts).await;
            match accepted {
                Ok((stream, _)) => return stream,
                Err(error) => {
                    tracing::debug!(%error, "cannot take a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn bind_all(addresses: &[IpAddr], port: u16, may_lack: bool) -> Result<Vec<TcpListener>, Error> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    for ip in addresses {
        let known = listeners.first().and_then(|listener| listener.local_addr().ok());
        let address = SocketAddr::new(*ip, known.map_or(port, |known| known.port()));
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if may_lack && !listeners.is_empty() && lacks(&error) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let owner = port_owner::find(address.port());
                return Err(Error::Taken { address, owner });
            }
            Err(source) => return Err(Error::Listen { address, source }),
        }
    }
    Ok(listeners)
}

/// Whether this machine does not have such an address.
fn lacks(error: &io::Error) -> bool {
    let unsupported = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_addresses_of_this_machine_have_the_same_port() {
        let listeners = Listeners::bind(&Local::loopback(0)).await.unwrap();
        let address = listeners.address().unwrap();
        assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);
        for listener in &listeners.0 {
            assert_eq!(listener.local_addr().unwrap().port(), address.port());
        }
        let (client, _) = tokio::join!(TcpStream::connect(address), listeners.accept());
        assert_eq!(client.unwrap().peer_addr().unwrap(), address);
    }

    #[tokio::test]
    async fn a_taken_port_is_told_with_its_owner_and_no_other_is_chosen() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = Listeners::bind(&Local::loopback(port)).await.err().unwrap();
        let words = error.to_string();
        assert!(
            words.starts_with(&format!("cannot listen on 127.0.0.1:{port}: the port is taken")),
            "{words}"
        );
        #[cfg(target_os = "linux")]
        assert!(
            words.contains(&format!("(process {})", std::process::id())),
            "{words}"
        );
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_an_error() {
        let local = Local {
            addresses: vec!["192.0.2.1".parse().unwrap()],
            port: 0,
        };
        let error = Listeners::bind(&local).await.err().unwrap();
        assert_eq!(error.to_string(), "cannot listen on 192.0.2.1:0");
    }
}
