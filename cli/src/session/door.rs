//! The gateway's listening sockets: one port on both loopback addresses, so that `localhost` works however it resolves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use platform::port_owner;
use runtime::http::{BindError, Listener};

use crate::{error::Error, exit::Exit};

/// How often another free port is tried when the kernel's choice for IPv4 is taken for IPv6.
const ATTEMPTS: usize = 8;

/// A port held on 127.0.0.1 and, where the machine has IPv6, on `[::1]`.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) v4: Listener,
    pub(super) v6: Option<Listener>,
}

impl Door {
    /// Takes `port`, or any free one for 0. Never another port than the one asked for.
    ///
    /// # Errors
    /// Says who holds the port, where the system tells.
    pub(super) fn open(port: u16) -> Result<Self, Error> {
        let mut attempts = if port == 0 { ATTEMPTS } else { 1 };
        loop {
            attempts -= 1;
            let v4 = bind(Ipv4Addr::LOCALHOST.into(), port).map_err(|error| taken(port, error))?;
            match bind(Ipv6Addr::LOCALHOST.into(), v4.local_addr().port()) {
                Ok(v6) => return Ok(Door { v4, v6: Some(v6) }),
                Err(BindError::InUse { .. }) if attempts > 0 => {}
                Err(error @ BindError::InUse { .. }) => return Err(taken(port, error)),
                // No IPv6 on this machine: then `localhost` does not resolve to it either.
                Err(_) => return Ok(Door { v4, v6: None }),
            }
        }
    }

    /// The port in use.
    pub(super) fn port(&self) -> u16 {
        self.v4.local_addr().port()
    }
}

fn bind(address: IpAddr, port: u16) -> Result<Listener, BindError> {
    Listener::bind(SocketAddr::new(address, port))
}

fn taken(port: u16, error: BindError) -> Error {
    if !matches!(error, BindError::InUse { .. }) {
        return Error::new(Exit::Failure, format!("cannot open the gateway on port {port}")).caused_by(error);
    }
    let holder = port_owner::find(port)
        .map(|owner| format!(" by {owner}"))
        .unwrap_or_default();
    Error::new(Exit::Failure, format!("port {port} is taken{holder}"))
        .hint("stop that program, or choose another port with `--port N` (0 takes any free one)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_zero_becomes_a_real_one_on_both_addresses() {
        let door = Door::open(0).unwrap();
        assert_ne!(door.port(), 0);
        if let Some(v6) = &door.v6 {
            assert_eq!(v6.local_addr().port(), door.port());
        }
    }

    #[test]
    fn a_taken_port_is_refused_and_its_holder_named() {
        let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = Door::open(port).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("port {port} is taken")),
            "{error}"
        );
        assert_eq!(error.exit(), Exit::Failure);
        if cfg!(target_os = "linux") {
            assert!(
                error
                    .to_string()
                    .contains(&format!("(process {})", std::process::id())),
                "{error}"
            );
        }
    }
}
