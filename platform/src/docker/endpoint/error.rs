//! Why what names an engine cannot be used.

use std::fmt;
use std::path::PathBuf;

use super::Source;
use crate::docker::config_file;

/// Why an endpoint cannot be found or used. Nothing has been contacted yet.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no address.
    #[error("'{address}'{source_of_it} is no address of a Docker engine: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// By whom.
        source_of_it: Source,
        /// What is wrong with it.
        reason: String,
    },
    /// It is an address, and we do not speak its transport.
    #[error("the Docker engine at {address}{source_of_it} cannot be used: {transport} is not supported")]
    Unsupported {
        /// The address.
        address: String,
        /// By whom it was named.
        source_of_it: Source,
        /// What it would take.
        transport: Transport,
    },
    /// There is no context of this name.
    #[error("there is no Docker context '{name}'; known are {}", known.join(", "))]
    NoContext {
        /// The name.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// The context's file is wrong.
    #[error("cannot use Docker context '{name}' ({}): {reason}", path.display())]
    Context {
        /// The name.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Docker's settings cannot be read.
    #[error(transparent)]
    ConfigFile(#[from] config_file::Error),
}

/// A transport that is not supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS: `https://`, `DOCKER_TLS_VERIFY`, port 2376, or a context with certificates.
    Tls,
    /// SSH, to this `[user@]host[:port]`.
    Ssh(String),
    /// A Windows named pipe.
    NamedPipe,
}

impl Transport {
    /// What to do instead.
    pub fn instead(&self) -> String {
        let forward = |host: &str, port: String| {
            format!(
                "forward its socket with `ssh -nNT {port}-L /tmp/docker.sock:/var/run/docker.sock {host}` and use \
                 `--docker-host unix:///tmp/docker.sock`"
            )
        };
        match self {
            Transport::Tls => forward("HOST", String::new()),
            Transport::Ssh(target) => {
                // A path behind the host names the socket there; the usual one is right almost always.
                let target = target.split('/').next().unwrap_or_default();
                match target.rsplit_once(':') {
                    Some((host, port)) => forward(host, format!("-p {port} ")),
                    None => forward(target, String::new()),
                }
            }
            Transport::NamedPipe => {
                "run ratectl inside WSL, where the engine is at unix:///var/run/docker.sock".to_owned()
            }
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Tls => "TLS",
            Transport::Ssh(_) => "SSH",
            Transport::NamedPipe => "a Windows named pipe",
        })
    }
}

/// Why an address is refused, before it is known who named it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::docker) enum Rejection {
    Scheme,
    PathOnly,
    RelativePath,
    NoHost,
    Host,
    Port,
    Transport(Transport),
}

impl Rejection {
    pub(in crate::docker) fn named_by(self, address: &str, source: Source) -> Error {
        let address = crate::plain_line::plain_line(address);
        let reason = match self {
            Rejection::Transport(transport) => {
                return Error::Unsupported {
                    address,
                    source_of_it: source,
                    transport,
                };
            }
            Rejection::Scheme => "it must begin with unix:// or tcp://".to_owned(),
            Rejection::PathOnly => format!("write a socket as unix://{address}"),
            Rejection::RelativePath => {
                "the path of a socket begins with /, as in unix:///var/run/docker.sock".to_owned()
            }
            Rejection::NoHost => "it names nothing".to_owned(),
            Rejection::Host => "the host is no host name or IP address (IPv6 goes in brackets)".to_owned(),
            Rejection::Port => "the port is no number from 1 to 65535".to_owned(),
        };
        Error::Address {
            address,
            source_of_it: source,
            reason,
        }
    }
}
