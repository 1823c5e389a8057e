//! The first question to an engine, `/_ping`: it answers at once, where `/version` starts other programs to ask theirs.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::docker::endpoint::Address;
use crate::docker::error::{Unreachable, one_line};

/// Bytes of an answer that are read.
const LARGEST: usize = 8 * 1024;
/// Characters that are shown of an answer that is not an engine's.
const SHOWN: usize = 120;

/// What an engine says when it is asked for nothing in particular.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    /// Such as `20.10.24`; its whole `Server` header where that has no version.
    pub(super) version: String,
    /// Its newest API version.
    pub(super) api_version: String,
}

/// Asks.
pub(super) async fn ping(address: &Address) -> Result<Greeting, Unreachable> {
    match address {
        Address::Unix(path) => {
            look_at_socket(path)?;
            let connected = UnixStream::connect(path).await;
            ask(connected.map_err(|error| refused(error, Some(path)))?).await
        }
        Address::Http { host, port } => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let connected = TcpStream::connect((host, *port)).await;
            ask(connected.map_err(|error| refused(error, None))?).await
        }
    }
}

/// What can be seen without connecting.
fn look_at_socket(path: &Path) -> Result<(), Unreachable> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() => Ok(()),
        Ok(_) => Err(Unreachable::NotASocket {
            path: path.to_owned(),
        }),
        Err(error) => Err(refused(error, Some(path))),
    }
}

fn refused(source: io::Error, socket: Option<&Path>) -> Unreachable {
    match (source.kind(), socket.map(Path::to_owned)) {
        (ErrorKind::NotFound | ErrorKind::NotADirectory, Some(path)) => Unreachable::NoSocket { path },
        (ErrorKind::PermissionDenied, Some(path)) => Unreachable::Denied { path },
        (ErrorKind::ConnectionRefused, _) => Unreachable::Refused,
        _ => Unreachable::Connect { source },
    }
}

async fn ask(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Greeting, Unreachable> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let request = Request::get("/_ping")
        .header("host", "docker")
        .header("connection", "close")
        .body(Empty::<Bytes>::new())
        .expect("a request of constants");
    let answer = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        understand(response).await
    };
    // The connection has to be driven; it ends by itself, since nothing more is asked.
    tokio::select! {
        answer = answer => answer,
        Err(source) = connection => Err(broken(source)),
    }
}

fn broken(source: hyper::Error) -> Unreachable {
    if source.is_parse() {
        return Unreachable::NotDocker {
            answer: "what it says is no HTTP".to_owned(),
        };
    }
    Unreachable::Broken { source }
}

async fn understand(response: Response<Incoming>) -> Result<Greeting, Unreachable> {
    let (head, body) = response.into_parts();
    if let Some(api_version) = text(&head.headers, "api-version") {
        let server = text(&head.headers, "server").unwrap_or_default();
        let version = version_in(&server).to_owned();
        return Ok(Greeting { version, api_version });
    }
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(_) => String::new(),
    };
    let answer = one_line(&format!("{}\n{body}", head.status));
    Err(Unreachable::NotDocker {
        answer: answer.chars().take(SHOWN).collect(),
    })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(one_line(&String::from_utf8_lossy(value.as_bytes())))
}

/// The version in `Docker/20.10.24 (linux)`.
fn version_in(server: &str) -> &str {
    let product = server.split(' ').next().unwrap_or_default();
    product.split_once('/').map_or(server, |(_, version)| version)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(ErrorKind::PermissionDenied => "no permission to use /a.sock"; "not for us")]
    #[test_case(ErrorKind::NotFound => "there is no socket /a.sock"; "not there")]
    #[test_case(ErrorKind::ConnectionRefused => "nobody listens there"; "left behind")]
    #[test_case(ErrorKind::TimedOut => "the connection cannot be opened"; "something else")]
    fn why_a_socket_cannot_be_used(kind: ErrorKind) -> String {
        refused(kind.into(), Some(Path::new("/a.sock"))).to_string()
    }

    #[test_case("Docker/20.10.24+dfsg1 (linux)" => "20.10.24+dfsg1"; "Debian's engine")]
    #[test_case("Libpod/5.2.1 (linux)" => "5.2.1"; "Podman")]
    #[test_case("nginx" => "nginx"; "no version")]
    #[test_case("" => ""; "nothing")]
    fn version(server: &str) -> &str {
        version_in(server)
    }
}
