//! An API server that knows no more than a test tells it: lists and watches over plain HTTP, objects as JSON.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use platform::kubernetes::Cluster;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A running server; ends when dropped.
pub(super) struct ApiServer {
    address: SocketAddr,
    state: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    state: Mutex<State>,
    /// Counts every change, for watches and connections to look again.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// What `/readyz` answers; `None` accepts connections and closes them.
    readyz: Option<(u16, String)>,
    /// By path of the list, then name.
    objects: BTreeMap<String, BTreeMap<String, Value>>,
    /// What has happened: version, path, event. What is older than `forgotten` is gone.
    log: Vec<(u64, String, Value)>,
    forgotten: u64,
    version: u64,
    restarts: u64,
    /// `METHOD path?query`, of everything that is no GET.
    writes: Vec<String>,
}

impl ApiServer {
    /// A server that is not ready yet.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Shared {
            state: Mutex::default(),
            changes: watch::channel(0).0,
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state, task }
    }

    /// A connection to it.
    pub(super) fn cluster(&self) -> Cluster {
        let mut config = kube::Config::new(format!("http://{}", self.address).parse().unwrap());
        config.default_retry = false;
        Cluster::over(kube::Client::try_from(config).unwrap(), "k3d-test")
    }

    /// What `/readyz` answers from now on.
    pub(super) fn answer_readyz(&self, status: u16, body: &str) {
        self.change(|state| state.readyz = Some((status, body.to_owned())));
    }

    /// Adds or changes an object of the list at `path`.
    pub(super) fn put(&self, path: &str, object: &Value) {
        self.change(|state| drop(state.put(path, object.clone())));
    }

    /// Cuts every connection and forgets what has happened, so that watches have to begin anew.
    pub(super) fn restart(&self) {
        self.change(|state| {
            state.restarts += 1;
            state.forgotten = state.version;
        });
    }

    /// What was written.
    pub(super) fn writes(&self) -> Vec<String> {
        self.state.state.lock().unwrap().writes.clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.state.lock().unwrap());
        self.state.changes.send_modify(|count| *count += 1);
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    fn put(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let known = self.objects.entry(path.to_owned()).or_default();
        let kind = if known.insert(name, object.clone()).is_some() {
            "MODIFIED"
        } else {
            "ADDED"
        };
        let event = json!({"type": kind, "object": object});
        self.log.push((self.version, path.to_owned(), event));
        object
    }

    fn list(&self, path: &str) -> Value {
        let items: Vec<&Value> = self
            .objects
            .get(path)
            .into_iter()
            .flat_map(BTreeMap::values)
            .collect();
        json!({"kind": "List", "metadata": {"resourceVersion": self.version.to_string()}, "items": items})
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        connections.spawn(serve(connection, Arc::clone(&shared)));
    }
}

/// Until the client goes or the server restarts.
async fn serve(connection: TcpStream, shared: Arc<Shared>) {
    let began = shared.state.lock().unwrap().restarts;
    let mut changes = shared.changes.subscribe();
    if shared.state.lock().unwrap().readyz.is_none() {
        return;
    }
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    let serving =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service);
    let restarted = changes.wait_for(|_| shared.state.lock().unwrap().restarts != began);
    tokio::select! {
        served = serving => drop(served),
        restarted = restarted => drop(restarted.map(|_| ())),
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    if path == "/readyz" {
        let (status, body) = shared.state.lock().unwrap().readyz.clone().unwrap_or_default();
        return Ok(respond(StatusCode::from_u16(status).unwrap(), body));
    }
    if request.method() != Method::GET {
        let method = request.method().clone();
        let object = request.into_body().collect().await.unwrap().to_bytes();
        let (list, _) = path.rsplit_once('/').unwrap();
        let mut state = shared.state.lock().unwrap();
        state.writes.push(format!("{method} {path}?{query}"));
        if !state.objects.contains_key(list) {
            return Ok(failure(
                StatusCode::NOT_FOUND,
                "namespaces \"kube-public\" not found",
            ));
        }
        let object = state.put(list, serde_json::from_slice(&object).unwrap());
        return Ok(respond(StatusCode::OK, object.to_string()));
    }
    if let Some(version) = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("resourceVersion="))
        && query.contains("watch=true")
    {
        let version = version.parse().unwrap();
        if version < shared.state.lock().unwrap().forgotten {
            return Ok(failure(StatusCode::GONE, "too old resource version"));
        }
        return Ok(Response::new(events(path, version, shared)));
    }
    let state = shared.state.lock().unwrap();
    if let Some((list, name)) = path.rsplit_once('/').filter(|_| path.ends_with("hosting")) {
        let object = state.objects.get(list).and_then(|objects| objects.get(name));
        let missing = || failure(StatusCode::NOT_FOUND, "configmaps not found");
        return Ok(object.map_or_else(missing, |object| respond(StatusCode::OK, object.to_string())));
    }
    Ok(respond(StatusCode::OK, state.list(&path).to_string()))
}

/// The events of a list after a version, without end.
fn events(path: String, after: u64, shared: Arc<Shared>) -> Body {
    let changes = shared.changes.subscribe();
    let stream = stream::unfold(
        (path, after, shared, changes),
        |(path, after, shared, mut changes)| async move {
            loop {
                changes.borrow_and_update();
                let next = {
                    let state = shared.state.lock().unwrap();
                    let mut later = state
                        .log
                        .iter()
                        .filter(|(version, of, _)| *version > after && *of == path);
                    later
                        .next()
                        .map(|(version, _, event)| (*version, format!("{event}\n")))
                };
                if let Some((version, line)) = next {
                    return Some((Ok(Frame::data(line.into())), (path, version, shared, changes)));
                }
                changes.changed().await.ok()?;
            }
        },
    );
    BodyExt::boxed_unsync(StreamBody::new(stream))
}

fn failure(status: StatusCode, message: &str) -> Response<Body> {
    let reason = if status == StatusCode::GONE {
        "Expired"
    } else {
        "NotFound"
    };
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
        "message": message, "reason": reason, "code": status.as_u16(),
    });
    respond(status, body.to_string())
}

fn respond(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(BodyExt::boxed_unsync(Full::new(Bytes::from(body))));
    *response.status_mut() = status;
    response
}
