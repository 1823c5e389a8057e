//! The client against registries of a few lines.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use http::header::{AUTHORIZATION, HOST, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use test_case::test_case;
use tokio::net::TcpListener;

use super::*;

type Reply = Response<Full<Bytes>>;

/// A registry on a port of its own, with every request it got: method, path, and what was shown.
struct Scripted {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    settings: TempDir,
}

impl Scripted {
    async fn new(serve: impl Fn(usize, &Request<Bytes>) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (serve, log) = (Arc::new(serve), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (serve, log) = (Arc::clone(&serve), Arc::clone(&log));
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (serve, log) = (Arc::clone(&serve), Arc::clone(&log));
                    async move {
                        let (head, body) = request.into_parts();
                        let request = Request::from_parts(head, body.collect().await?.to_bytes());
                        let shown = request
                            .headers()
                            .get(AUTHORIZATION)
                            .map(|value| value.to_str().unwrap());
                        let line = format!("{} {} {}", request.method(), request.uri(), shown.unwrap_or("-"));
                        let number = {
                            let mut log = log.lock().unwrap();
                            log.push(line);
                            log.len()
                        };
                        Ok::<_, hyper::Error>(serve(number, &request))
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self {
            address,
            asked,
            settings: tempfile::tempdir().unwrap(),
        }
    }

    /// What `docker login` would have left for it.
    fn login(&self, entry: &str) {
        let config = format!(r#"{{"auths": {{"{}": {entry}}}}}"#, self.address);
        fs::write(self.settings.path().join("config.json"), config).unwrap();
    }

    fn repository(&self) -> Repository {
        let environment = Environment {
            docker_config: Some(self.settings.path().to_owned()),
            ..Environment::default()
        };
        Repository::of(&self.address, "team/app", environment).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn reply(status: u16) -> Reply {
    reply_with(status, &[], "")
}

fn reply_with(status: u16, headers: &[(http::HeaderName, &str)], body: &str) -> Reply {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(name, *value);
    }
    reply
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .unwrap()
}

fn digest_header(digest: &str) -> Vec<(http::HeaderName, &str)> {
    vec![(http::HeaderName::from_static(DIGEST), digest)]
}

/// A registry that keeps what it is given.
fn honest() -> impl Fn(usize, &Request<Bytes>) -> Reply {
    let kept: Mutex<BTreeMap<String, Bytes>> = Mutex::default();
    let uploaded: Mutex<Vec<u8>> = Mutex::default();
    move |_, request| {
        let mut kept = kept.lock().unwrap();
        let path = request.uri().path().to_owned();
        let host = request.headers().get(HOST).unwrap().to_str().unwrap();
        match request.method().as_str() {
            "HEAD" | "GET" => match kept.get(&path) {
                Some(content) => reply_with(200, &digest_header(&digest(content)), ""),
                None => reply(404),
            },
            "POST" => {
                uploaded.lock().unwrap().clear();
                let place = format!("http://{host}/v2/team/app/blobs/uploads/1?state=a");
                reply_with(202, &[(LOCATION, &place)], "")
            }
            "PATCH" => {
                uploaded.lock().unwrap().extend_from_slice(request.body());
                reply_with(202, &[(LOCATION, "/v2/team/app/blobs/uploads/1?state=b")], "")
            }
            _ if path.contains("/uploads/") => {
                let named = request
                    .uri()
                    .query()
                    .unwrap()
                    .rsplit("digest=")
                    .next()
                    .unwrap()
                    .to_owned();
                let content = uploaded.lock().unwrap().clone();
                let right = named == digest(&content);
                kept.insert(format!("/v2/team/app/blobs/{named}"), content.into());
                reply(if right { 201 } else { 400 })
            }
            _ => {
                let is = digest(request.body());
                kept.insert(path, request.body().clone());
                reply_with(201, &digest_header(&is), "")
            }
        }
    }
}

#[tokio::test]
async fn what_is_pushed_is_found_again_under_its_digest() {
    let registry = Scripted::new(honest()).await;
    let repository = registry.repository();
    assert_eq!(repository.digest("1").await.unwrap(), None);
    let blob = Blob::of(vec![7; 300_000]);
    assert!(!repository.has(&blob).await.unwrap());
    let mut told = Vec::new();
    repository.upload(&blob, |bytes| told.push(bytes)).await.unwrap();
    assert!(repository.has(&blob).await.unwrap());
    assert_eq!(told.last(), Some(&300_000));
    assert!(told.is_sorted(), "{told:?}");
    let manifest = Bytes::from_static(b"{}");
    let pushed = repository.tag("1", "application/json", manifest).await.unwrap();
    assert_eq!(repository.digest("1").await.unwrap(), Some(pushed));
}

#[tokio::test]
async fn a_registry_without_head_is_asked_for_the_manifest_itself() {
    let registry = Scripted::new(|_, request| match request.method().as_str() {
        "HEAD" => reply(405),
        _ => reply_with(200, &[], "{}"),
    });
    let registry = registry.await;
    let found = registry.repository().digest("1").await.unwrap();
    assert_eq!(found, Some(digest(b"{}")));
}

#[tokio::test]
async fn a_token_is_got_once_with_the_password_and_then_shown() {
    let registry = Scripted::new(|_, request| {
        let host = request.headers().get(HOST).unwrap().to_str().unwrap();
        let shown = request
            .headers()
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap());
        match (request.uri().path(), shown) {
            ("/token", Some("Basic bWU6c2VjcmV0")) => reply_with(200, &[], r#"{"token": "t1"}"#),
            ("/token", _) => reply(401),
            (_, Some("Bearer t1")) => reply(404),
            _ => {
                let asked = format!(r#"Bearer realm="http://{host}/token",service="the registry""#);
                reply_with(401, &[(WWW_AUTHENTICATE, &asked)], "")
            }
        }
    });
    let registry = registry.await;
    registry.login(r#"{"auth": "bWU6c2VjcmV0"}"#);
    let repository = registry.repository();
    for tag in ["1", "2"] {
        assert_eq!(repository.digest(tag).await.unwrap(), None);
    }
    let expected = [
        "HEAD /v2/team/app/manifests/1 -",
        "GET /token?scope=repository%3Ateam%2Fapp%3Apull&service=the%20registry Basic bWU6c2VjcmV0",
        "HEAD /v2/team/app/manifests/1 Bearer t1",
        "HEAD /v2/team/app/manifests/2 Bearer t1",
    ];
    assert_eq!(registry.asked(), expected);
}

#[tokio::test]
async fn an_identity_token_is_exchanged_for_one_that_may_push() {
    let registry = Scripted::new(|_, request| {
        let host = request.headers().get(HOST).unwrap().to_str().unwrap();
        let shown = request
            .headers()
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap());
        match (request.uri().path(), shown) {
            ("/token", _) => {
                let form = String::from_utf8_lossy(request.body());
                let expected = "scope=repository%3Ateam%2Fapp%3Apull%2Cpush&grant_type=refresh_token&refresh_token=i%2F1&client_id=ratectl";
                assert_eq!(form, expected);
                reply_with(200, &[], r#"{"access_token": "t2"}"#)
            }
            (_, Some("Bearer t2")) => reply(200),
            _ => reply_with(
                401,
                &[(WWW_AUTHENTICATE, &format!("Bearer realm=http://{host}/token"))],
                "",
            ),
        }
    });
    let registry = registry.await;
    registry.login(r#"{"identitytoken": "i/1"}"#);
    assert!(registry.repository().has(&Blob::of("a")).await.unwrap());
}

#[tokio::test]
async fn a_password_is_shown_where_that_is_asked_for() {
    let registry = Scripted::new(|_, request| match request.headers().get(AUTHORIZATION) {
        Some(shown) if shown == "Basic bWU6c2VjcmV0" => reply(404),
        _ => reply_with(401, &[(WWW_AUTHENTICATE, "Basic realm=\"x\"")], ""),
    });
    let registry = registry.await;
    registry.login(r#"{"auth": "bWU6c2VjcmV0"}"#);
    assert_eq!(registry.repository().digest("1").await.unwrap(), None);
}

async fn refusal(registry: &Scripted) -> String {
    registry
        .repository()
        .digest("1")
        .await
        .unwrap_err()
        .to_string()
        .replace(&registry.address, "HOST")
}

#[tokio::test]
async fn without_credentials_it_is_told_how_to_get_some() {
    let registry = Scripted::new(|_, _| reply_with(401, &[(WWW_AUTHENTICATE, "Basic")], "")).await;
    let said = refusal(&registry).await;
    assert_eq!(
        said,
        "cannot look for team/app:1 at registry HOST: it wants credentials and Docker's settings have none for it; \
         `docker login HOST` stores them"
    );
    assert_eq!(registry.asked().len(), 1);
}

#[tokio::test]
async fn wrong_credentials_are_tried_once_and_never_told() {
    let registry = Scripted::new(|_, _| reply_with(401, &[(WWW_AUTHENTICATE, "Basic")], "")).await;
    registry.login(r#"{"auth": "bWU6c2VjcmV0"}"#);
    let said = refusal(&registry).await;
    assert!(
        said.ends_with(
            "it does not take the credentials in Docker's settings; `docker login HOST` writes them anew"
        ),
        "{said}"
    );
    assert_eq!(registry.asked().len(), 2);
    let repository = registry.repository();
    drop(repository.digest("1").await);
    let shown = format!("{repository:?}");
    assert!(!shown.contains("secret") && !shown.contains("bWU6"), "{shown}");
}

#[test_case(503 ; "not now")]
#[test_case(429 ; "too many")]
#[tokio::test]
async fn a_registry_that_is_busy_is_asked_again(status: u16) {
    let registry = Scripted::new(move |number, _| match number {
        1 => reply_with(status, &[(RETRY_AFTER, "0")], ""),
        _ => reply(404),
    });
    let registry = registry.await;
    assert_eq!(registry.repository().digest("1").await.unwrap(), None);
    assert_eq!(registry.asked().len(), 2);
}

#[tokio::test]
async fn a_registry_that_wants_us_to_wait_for_long_is_not_waited_for() {
    let registry = Scripted::new(|_, _| reply_with(429, &[(RETRY_AFTER, "3600")], "")).await;
    let said = refusal(&registry).await;
    assert_eq!(
        said,
        "cannot look for team/app:1 at registry HOST: too many requests; it says to wait 3600 s"
    );
}

#[tokio::test]
async fn an_upload_that_fails_begins_again() {
    let serve = honest();
    let registry = Scripted::new(move |number, request| match number {
        2 => reply(502),
        _ => serve(number, request),
    });
    let registry = registry.await;
    let repository = registry.repository();
    let blob = Blob::of("abc");
    repository.upload(&blob, |_| {}).await.unwrap();
    assert!(repository.has(&blob).await.unwrap());
    let methods: Vec<String> = registry
        .asked()
        .iter()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(methods, ["POST", "PATCH", "POST", "PATCH", "PUT", "HEAD"]);
}

#[tokio::test]
async fn what_lets_us_in_is_shown_to_no_other_host() {
    let other = Scripted::new(|_, _| reply_with(202, &[(LOCATION, "http://127.0.0.1:1/end")], "")).await;
    let place = format!("http://{}/elsewhere", other.address);
    let registry = Scripted::new(move |_, request| match request.headers().get(AUTHORIZATION) {
        Some(_) => reply_with(202, &[(LOCATION, &place)], ""),
        None => reply_with(401, &[(WWW_AUTHENTICATE, "Basic")], ""),
    });
    let registry = registry.await;
    registry.login(r#"{"auth": "bWU6c2VjcmV0"}"#);
    drop(registry.repository().upload(&Blob::of("abc"), |_| {}).await);
    let asked = other.asked();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|line| line == "PATCH /elsewhere -"), "{asked:?}");
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_told_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let repository = Repository::of(&address, "app", Environment::default()).unwrap();
    let said = repository.digest("1").await.unwrap_err().to_string();
    assert!(
        said.starts_with(&format!("cannot look for app:1 at registry {address}: ")),
        "{said}"
    );
    assert!(said.contains("onnection refused"), "{said}");
}

#[tokio::test]
async fn a_registry_elsewhere_is_reached_through_the_proxy_of_the_environment() {
    let (proxy, mut requests) = crate::connector::tests::proxy("403 Forbidden").await;
    let environment = Environment {
        proxies: crate::connector::tests::through(&proxy),
        ..Environment::default()
    };
    let repository = Repository::of("registry.invalid", "team/app", environment).unwrap();
    let error = crate::causes::chain(&repository.digest("1").await.unwrap_err());
    assert!(error.contains("the proxy http://127.0.0.1:"), "{error}");
    let asked = requests.recv().await.unwrap();
    assert_eq!(asked[0], "CONNECT registry.invalid:443 HTTP/1.1");
}

#[tokio::test]
async fn a_registry_of_this_machine_is_reached_past_the_proxy() {
    let (proxy, mut requests) = crate::connector::tests::proxy("403 Forbidden").await;
    let registry = Scripted::new(|_, _| reply(404)).await;
    let environment = Environment {
        proxies: crate::connector::tests::through(&proxy),
        ..Environment::default()
    };
    let repository = Repository::of(&registry.address, "team/app", environment).unwrap();
    assert_eq!(repository.digest("1").await.unwrap(), None);
    requests.try_recv().unwrap_err();
}
