//! Who listens on a port, where the operating system tells. A port of a container belongs to the engine's forwarding
//! program here; [`docker::publisher`](crate::docker::publisher) knows the container.

use std::fmt;
use std::fs;
use std::path::Path;

/// The state of a listening socket in `/proc/net/tcp` (Linux, `TCP_LISTEN`).
const LISTENING: &str = "0A";

/// The program that holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortOwner {
    /// A process we may look at.
    Process {
        /// Its process id.
        pid: u32,
        /// Its command line, shortened.
        command: String,
    },
    /// A process of another user, of whom only the number is known.
    User(u32),
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortOwner::Process { pid, command } => write!(f, "`{command}` (process {pid})"),
            PortOwner::User(uid) => write!(f, "a process of another user (uid {uid})"),
        }
    }
}

/// Looks for whoever listens on TCP `port`; `None` where the system does not say (it is told on Linux only).
pub fn find(port: u16) -> Option<PortOwner> {
    let (inode, uid) = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| listening_socket(&table, port))?;
    Some(process_with_socket(&inode).unwrap_or(PortOwner::User(uid)))
}

/// The inode and the owner's uid of the socket that listens on `port`, from a table as in `proc_pid_net(5)`.
fn listening_socket(table: &str, port: u16) -> Option<(String, u32)> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (local, state, uid, inode) = (fields.get(1)?, fields.get(3)?, fields.get(7)?, fields.get(9)?);
        let (_, local_port) = local.rsplit_once(':')?;
        let listens_here = *state == LISTENING && u16::from_str_radix(local_port, 16).ok()? == port;
        listens_here.then(|| Some(((*inode).to_owned(), uid.parse().ok()?)))?
    })
}

fn process_with_socket(inode: &str) -> Option<PortOwner> {
    let wanted = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let holds = fs::read_dir(entry.path().join("fd"))
            .ok()?
            .flatten()
            .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == Path::new(&wanted)));
        holds.then(|| PortOwner::Process {
            pid,
            command: command_line(&entry.path()),
        })
    })
}

/// A process' command line on one line, at most 60 characters, without anything a terminal would act on.
fn command_line(process: &Path) -> String {
    let raw = fs::read(process.join("cmdline")).unwrap_or_default();
    let words = String::from_utf8_lossy(&raw).replace('\0', " ");
    let clean: String = words
        .trim()
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    match clean.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 20 4 30 10 -1
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 42 1 0 100 0 0 10 0
";

    #[test]
    fn only_a_listening_socket_owns_its_port() {
        assert_eq!(listening_socket(TABLE, 8080), Some(("42".to_owned(), 1000)));
        assert_eq!(listening_socket(TABLE, 8081), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_listener_of_this_process_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = find(listener.local_addr().unwrap().port()).unwrap();
        assert!(
            matches!(owner, PortOwner::Process { pid, .. } if pid == std::process::id()),
            "{owner:?}"
        );
    }
}
