//! Something at a socket: an engine of some version, or what people take for one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;

use tempfile::TempDir;

/// What answers at the socket.
#[derive(Clone, Debug)]
pub(super) enum Manner {
    /// An engine without containers.
    Engine {
        version: &'static str,
        api: &'static str,
        oldest_api: &'static str,
    },
    /// It takes connections and says nothing.
    Silent,
    /// It ends every connection.
    Broken,
    /// Another server.
    Web,
}

/// The engine that most people have.
pub(super) const USUAL: Manner = Manner::Engine {
    version: "27.5.1",
    api: "1.47",
    oldest_api: "1.24",
};

/// Listens until it is dropped; connections end with the test.
pub(super) struct Engine {
    folder: TempDir,
}

impl Engine {
    pub(super) fn start(manner: Manner) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("ratectl-test-")
            .tempdir()
            .unwrap();
        let engine = Engine { folder };
        let listener = UnixListener::bind(engine.socket()).unwrap();
        // Ends with the process: a socket cannot be waited for and let go at once.
        drop(thread::spawn(move || {
            let mut kept = Vec::new();
            for connection in listener.incoming() {
                let connection = connection.unwrap();
                match manner {
                    Manner::Silent => kept.push(connection),
                    // After the request: before, the client might not even be able to send it.
                    Manner::Broken => drop(request(&mut BufReader::new(&connection))),
                    _ => {
                        let manner = manner.clone();
                        drop(thread::spawn(move || serve(&connection, &manner)));
                    }
                }
            }
        }));
        engine
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    pub(super) fn url(&self) -> String {
        super::table::unix(&self.socket())
    }
}

/// Answers requests until the client leaves.
fn serve(connection: &UnixStream, manner: &Manner) {
    let mut reader = BufReader::new(connection);
    while let Some(path) = request(&mut reader) {
        let (status, kind, body) = answer(&path, manner);
        let head = format!(
            "HTTP/1.1 {status}\r\n{}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            said_always(manner),
            body.len()
        );
        let mut writer = connection;
        if writer.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The headers of every answer.
fn said_always(manner: &Manner) -> String {
    match manner {
        Manner::Engine { version, api, .. } => {
            format!("Api-Version: {api}\r\nServer: Docker/{version} (linux)\r\nOstype: linux\r\n")
        }
        _ => String::new(),
    }
}

/// The path of the next request, which has no body.
fn request(reader: &mut BufReader<&UnixStream>) -> Option<String> {
    let mut first = String::new();
    if reader.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    first.split(' ').nth(1).map(str::to_owned)
}

fn answer(path: &str, manner: &Manner) -> (&'static str, &'static str, String) {
    let Manner::Engine {
        version,
        api,
        oldest_api,
    } = manner
    else {
        return ("404 Not Found", "text/html", "<h1>Nothing here</h1>".to_owned());
    };
    let path = path.split('?').next().unwrap_or_default();
    let json = "application/json";
    if path.ends_with("/_ping") {
        ("200 OK", "text/plain", "OK".to_owned())
    } else if path.ends_with("/version") {
        let body = format!(
            r#"{{"Version":"{version}","ApiVersion":"{api}","MinAPIVersion":"{oldest_api}","Os":"linux","Arch":"amd64"}}"#
        );
        ("200 OK", json, body)
    } else if path.ends_with("/containers/json") || path.ends_with("/networks") {
        ("200 OK", json, "[]".to_owned())
    } else if path.ends_with("/volumes") {
        ("200 OK", json, r#"{"Volumes":[],"Warnings":[]}"#.to_owned())
    } else {
        (
            "500 Internal Server Error",
            json,
            r#"{"message":"not in this test"}"#.to_owned(),
        )
    }
}
