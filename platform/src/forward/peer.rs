//! Whether the program at the other end of a connection of this machine still has it. TCP itself does not tell a connection that is
//! half closed by a program that waits for the rest from one that is closed and gone.

use std::fs;
use std::net::SocketAddr;

/// Whether the peer has given its end away; `None` where the system does not say (it is told on Linux only, and of this machine's programs).
pub(super) fn is_gone(own: SocketAddr, peer: SocketAddr) -> Option<bool> {
    if !peer.ip().to_canonical().is_loopback() {
        return None;
    }
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).ok());
    if tables.iter().all(Option::is_none) {
        return None;
    }
    let held = |table: &String| is_held(table, peer.port(), own.port());
    Some(!tables.iter().flatten().any(held))
}

/// Whether a process holds the socket from port `local` to port `remote`; one that nobody holds any more has no inode.
fn is_held(table: &str, local: u16, remote: u16) -> bool {
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (Some(from), Some(to), Some(inode)) = (fields.get(1), fields.get(2), fields.get(9)) else {
            return false;
        };
        port(from) == Some(local) && port(to) == Some(remote) && *inode != "0"
    })
}

fn port(address: &str) -> Option<u16> {
    let (_, port) = address.rsplit_once(':')?;
    u16::from_str_radix(port, 16).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_half_closed_connection_is_told_from_one_that_was_given_away() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, peer) = listener.accept().unwrap();
        let own = server.local_addr().unwrap();
        client.write_all(b"question").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(is_gone(own, peer), Some(false));
        drop(client);
        assert_eq!(is_gone(own, peer), Some(true));
        assert_eq!(is_gone(own, "192.0.2.1:7".parse().unwrap()), None);
    }
}
