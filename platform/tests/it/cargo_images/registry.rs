//! A registry that keeps what it is given in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

type Kept = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// A registry.
pub(super) struct Registry {
    pub(super) address: String,
    /// Manifests, blobs and uploads, by path.
    kept: Kept,
}

impl Registry {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let kept = Kept::default();
        let store = Arc::clone(&kept);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let store = Arc::clone(&store);
                let service = service_fn(move |request| answer(Arc::clone(&store), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, kept }
    }

    /// The tag of the manifest with that digest.
    pub(super) fn tag(&self, repository: &str, wanted: &str) -> Option<String> {
        let kept = self.kept.lock().unwrap();
        let prefix = format!("/v2/{repository}/manifests/");
        let mut manifests = kept
            .iter()
            .filter_map(|(path, content)| Some((path.strip_prefix(&prefix)?, content)));
        let (tag, _) = manifests.find(|(_, content)| digest(content) == wanted)?;
        Some(tag.to_owned())
    }

    pub(super) fn forget(&self) {
        self.kept.lock().unwrap().clear();
    }
}

async fn answer(kept: Kept, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut kept = kept.lock().unwrap();
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default();
    let reply = Response::builder();
    let reply = match head.method.as_str() {
        "HEAD" => match kept.get(&path) {
            Some(content) => reply.header("docker-content-digest", digest(content)),
            None => reply.status(404),
        },
        "POST" => {
            let place = format!("{path}{}", kept.len());
            kept.insert(place.clone(), Bytes::new());
            reply.status(202).header("location", place)
        }
        "PATCH" => {
            kept.insert(path.clone(), body);
            reply.status(202).header("location", path)
        }
        _ if path.contains("/uploads/") => {
            let content = kept.remove(&path).unwrap_or_default();
            let named = query.trim_start_matches("digest=");
            let right = named == digest(&content);
            let folder = path.split("/uploads/").next().unwrap_or_default();
            kept.insert(format!("{folder}/{named}"), content);
            reply.status(if right { 201 } else { 400 })
        }
        _ => {
            kept.insert(path, body);
            reply.status(201)
        }
    };
    Ok(reply.body(Full::default()).unwrap())
}

fn digest(content: &[u8]) -> String {
    let digits: Vec<String> = Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{}", digits.concat())
}
