//! A registry in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::sum;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const LIST: &str = "application/vnd.oci.image.index.v1+json";

#[derive(Debug, Default)]
struct Kept {
    /// By repository and digest.
    blobs: BTreeMap<(String, String), Bytes>,
    /// By repository and tag or digest: type and content.
    manifests: BTreeMap<(String, String), (String, Bytes)>,
    uploads: Vec<Vec<u8>>,
}

/// Lives until it is dropped.
pub(super) struct Registry {
    address: String,
    kept: Arc<Mutex<Kept>>,
    task: tokio::task::JoinHandle<()>,
}

impl Registry {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = Arc::clone(&kept);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                let builder = hyper::server::conn::http1::Builder::new();
                tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, kept, task }
    }

    pub(super) fn address(&self) -> String {
        self.address.clone()
    }

    /// Puts an image of these layers there; its digest.
    pub(super) fn image(&self, repository: &str, tag: &str, layers: &[&[u8]]) -> String {
        let describe = |content: &[u8]| {
            let digest = format!("sha256:{}", sum(content));
            let mut kept = self.kept.lock().unwrap();
            let key = (repository.to_owned(), digest.clone());
            kept.blobs.insert(key, Bytes::copy_from_slice(content));
            json!({"mediaType": "application/octet-stream", "digest": digest, "size": content.len()})
        };
        let config = describe(format!("{{\"of\":\"{repository}:{tag}\"}}").as_bytes());
        let layers: Vec<Value> = layers.iter().map(|layer| describe(layer)).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        self.manifest(repository, tag, MANIFEST, &manifest)
    }

    /// Puts an image for several architectures there; its digest.
    pub(super) fn list(&self, repository: &str, tag: &str, images: &[(&str, &str)]) -> String {
        let describe = |(architecture, digest): &(&str, &str)| {
            let kept = self.kept.lock().unwrap();
            let size = kept
                .manifests
                .iter()
                .find(|((_, of), _)| of == digest)
                .map(|(_, (_, content))| content.len());
            json!({
                "mediaType": MANIFEST, "digest": digest, "size": size,
                "platform": {"os": "linux", "architecture": architecture},
            })
        };
        let manifests: Vec<Value> = images.iter().map(describe).collect();
        let list = json!({"schemaVersion": 2, "mediaType": LIST, "manifests": manifests});
        self.manifest(repository, tag, LIST, &list)
    }

    fn manifest(&self, repository: &str, tag: &str, kind: &str, manifest: &Value) -> String {
        let content = Bytes::from(manifest.to_string());
        let digest = format!("sha256:{}", sum(&content));
        let mut kept = self.kept.lock().unwrap();
        for reference in [tag, &digest] {
            let key = (repository.to_owned(), reference.to_owned());
            kept.manifests.insert(key, (kind.to_owned(), content.clone()));
        }
        digest
    }

    /// Puts something else under a digest.
    pub(super) fn spoil(&self, repository: &str, sha256: &str, content: &'static [u8]) {
        let key = (repository.to_owned(), format!("sha256:{sha256}"));
        self.kept
            .lock()
            .unwrap()
            .blobs
            .insert(key, Bytes::from_static(content));
    }

    /// `repository:tag` and the digest of each.
    pub(super) fn tags(&self) -> Vec<(String, String)> {
        let kept = self.kept.lock().unwrap();
        let tags = kept
            .manifests
            .iter()
            .filter(|((_, tag), _)| !tag.starts_with("sha256:"));
        tags.map(|((repository, tag), (_, content))| {
            (format!("{repository}:{tag}"), format!("sha256:{}", sum(content)))
        })
        .collect()
    }

    /// The digests of a repository's layers and configurations, all right.
    pub(super) fn blobs(&self, repository: &str) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        let own = kept.blobs.iter().filter(|((of, _), _)| of == repository);
        own.map(|((_, digest), content)| {
            assert_eq!(digest, &format!("sha256:{}", sum(content)));
            digest.clone()
        })
        .collect()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    kept: Arc<Mutex<Kept>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = head.uri.path().trim_start_matches("/v2/").to_owned();
    let mut kept = kept.lock().unwrap();
    let response = if let Some((repository, rest)) = path.split_once("/blobs/uploads/") {
        upload(&mut kept, &head, repository, rest, body)
    } else if let Some((repository, digest)) = path.split_once("/blobs/") {
        match kept.blobs.get(&(repository.to_owned(), digest.to_owned())) {
            Some(content) => response(StatusCode::OK, &[], content.clone()),
            None => response(StatusCode::NOT_FOUND, &[], Bytes::new()),
        }
    } else if let Some((repository, reference)) = path.split_once("/manifests/") {
        manifest(&mut kept, &head, (repository, reference), body)
    } else {
        response(StatusCode::NOT_FOUND, &[], Bytes::new())
    };
    Ok(response)
}

fn upload(
    kept: &mut Kept,
    head: &http::request::Parts,
    repository: &str,
    rest: &str,
    body: Bytes,
) -> Response<Full<Bytes>> {
    if head.method == Method::POST {
        kept.uploads.push(Vec::new());
        let place = format!("/v2/{repository}/blobs/uploads/{}", kept.uploads.len() - 1);
        return response(StatusCode::ACCEPTED, &[("location", &place)], Bytes::new());
    }
    let number: usize = rest.parse().unwrap();
    if head.method == Method::PATCH {
        let range = head
            .headers
            .get("content-range")
            .map(|range| range.to_str().unwrap());
        let begin = range.map_or(0, |range| range.split('-').next().unwrap().parse().unwrap());
        assert_eq!(
            begin,
            kept.uploads[number].len(),
            "pieces come one after the other"
        );
        kept.uploads[number].extend(body);
        let place = head.uri.path().to_owned();
        return response(StatusCode::ACCEPTED, &[("location", &place)], Bytes::new());
    }
    let digest = head.uri.query().unwrap().trim_start_matches("digest=").to_owned();
    let content = Bytes::from(std::mem::take(&mut kept.uploads[number]));
    if digest != format!("sha256:{}", sum(&content)) {
        return response(StatusCode::BAD_REQUEST, &[], Bytes::new());
    }
    kept.blobs.insert((repository.to_owned(), digest), content);
    response(StatusCode::CREATED, &[], Bytes::new())
}

fn manifest(
    kept: &mut Kept,
    head: &http::request::Parts,
    (repository, reference): (&str, &str),
    body: Bytes,
) -> Response<Full<Bytes>> {
    let key = |reference: &str| (repository.to_owned(), reference.to_owned());
    if head.method != Method::PUT {
        return match kept.manifests.get(&key(reference)) {
            Some((kind, content)) => response(StatusCode::OK, &[("content-type", kind)], content.clone()),
            None => response(StatusCode::NOT_FOUND, &[], Bytes::new()),
        };
    }
    // As real ones do: everything that it names has to be there.
    let document: Value = serde_json::from_slice(&body).unwrap();
    let named = |part: &Value| part["digest"].as_str().unwrap().to_owned();
    let list = |key: &str| document[key].as_array().cloned().unwrap_or_default();
    let layers = list("layers").into_iter().chain(document.get("config").cloned());
    let whole = layers
        .into_iter()
        .all(|part| kept.blobs.contains_key(&key(&named(&part))))
        && list("manifests")
            .iter()
            .all(|part| kept.manifests.contains_key(&key(&named(part))));
    if !whole {
        return response(StatusCode::BAD_REQUEST, &[], Bytes::new());
    }
    let kind = head.headers["content-type"].to_str().unwrap().to_owned();
    let digest = format!("sha256:{}", sum(&body));
    kept.manifests
        .insert(key(reference), (kind.clone(), body.clone()));
    kept.manifests.insert(key(&digest), (kind, body));
    response(
        StatusCode::CREATED,
        &[("docker-content-digest", &digest)],
        Bytes::new(),
    )
}

fn response(status: StatusCode, headers: &[(&str, &str)], body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(body)).unwrap()
}
