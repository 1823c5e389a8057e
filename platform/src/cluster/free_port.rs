//! A free port of this machine, for those who leave the choice to us.

use std::io;
use std::net::{IpAddr, TcpListener};

/// How often another port is tried after somebody was faster.
pub(super) const ATTEMPTS: u32 = 10;

/// A port that nobody listens on at the moment.
///
/// It is written on the container before the engine binds it, so somebody may be faster: then another one is tried.
pub(super) fn find(ip: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((ip, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_free_port_can_be_bound() {
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let ports: Vec<u16> = (0..ATTEMPTS).filter_map(|_| find(ip).ok()).collect();
        assert!(
            ports.iter().any(|port| TcpListener::bind((ip, *port)).is_ok()),
            "{ports:?}"
        );
    }
}
