//! An API server that knows which cluster it is and where its registry is, and writes down what it is asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Listens until the test's process ends.
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Empty for one that keeps it secret.
    uid: String,
    registry: Option<String>,
    asked: Vec<String>,
}

impl Server {
    pub(super) fn start(uid: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            uid: uid.to_owned(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // A client that goes away is no matter of the test's.
                drop(answer(&connection, &shared));
            }
        });
        Self { address, state }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Another cluster answers from now on.
    pub(super) fn becomes(&self, uid: &str) {
        self.state.lock().unwrap().uid = uid.to_owned();
    }

    /// It says from now on that this is its registry.
    pub(super) fn has_registry(&self, host: &str) {
        self.state.lock().unwrap().registry = Some(host.to_owned());
    }

    /// `METHOD path` of every request, one after the other.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

/// Answers the one request of a connection.
fn answer(mut connection: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let words: Vec<&str> = request.split(' ').collect();
    let path = words
        .get(1)
        .copied()
        .unwrap_or_default()
        .split('?')
        .next()
        .unwrap_or_default();
    let (status, body) = {
        let mut state = state.lock().unwrap();
        state.asked.push(format!("{} {path}", words[0]));
        state.answer(path)
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(format!("{head}{body}").as_bytes())
}

impl State {
    fn answer(&self, path: &str) -> (&'static str, Value) {
        let status = |code: u16, reason: &str| json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": reason});
        match (path, &self.registry) {
            ("/api/v1/namespaces/kube-system", _) if self.uid.is_empty() => {
                ("403 Forbidden", status(403, "Forbidden"))
            }
            ("/api/v1/namespaces/kube-system", _) => (
                "200 OK",
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "kube-system", "uid": self.uid}}),
            ),
            ("/api/v1/namespaces/kube-public/configmaps/local-registry-hosting", Some(host)) => (
                "200 OK",
                json!({
                    "kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "local-registry-hosting"},
                    "data": {"localRegistryHosting.v1": format!("host: {host}\n")},
                }),
            ),
            _ => ("404 Not Found", status(404, "NotFound")),
        }
    }
}
