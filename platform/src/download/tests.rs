use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;

/// A server that has one answer a path, and counts what it is asked.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn with(answers: &[(&str, &str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let answers: BTreeMap<String, (String, String)> = answers
            .iter()
            .map(|(path, head, body)| ((*path).to_owned(), ((*head).to_owned(), (*body).to_owned())))
            .collect();
        let count = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut stream = BufReader::new(stream);
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 || line == "\r\n" {
                        break;
                    }
                    lines.push(line);
                }
                let path = lines
                    .first()
                    .and_then(|line| line.split(' ').nth(1))
                    .unwrap_or("/");
                let none = ("404 Not Found".to_owned(), String::new());
                let (head, body) = answers.get(path).unwrap_or(&none);
                let answer = format!(
                    "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self { url, asked, task }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn cache(&self, offline: bool) -> Cache {
        Cache {
            folder: self.0.path().join("downloads"),
            offline,
        }
    }

    fn files(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.0.path().join("downloads")) else {
            return Vec::new();
        };
        folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn sum_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}

#[tokio::test]
async fn a_file_is_fetched_once() {
    let server = Server::with(&[("/crds.yaml", "200 OK", "a: 1\n")]).await;
    let home = Home::new();
    let url = format!("{}/crds.yaml", server.url);
    for _ in 0..2 {
        let place = home.cache(false).get(&url, &sum_of("a: 1\n")).await.unwrap();
        assert_eq!(std::fs::read_to_string(place).unwrap(), "a: 1\n");
    }
    assert_eq!(server.asked(), 1);
    home.cache(true).get(&url, &sum_of("a: 1\n")).await.unwrap();
    assert_eq!(home.files(), [sum_of("a: 1\n")]);
}

#[tokio::test]
async fn a_file_that_is_another_is_not_kept() {
    let server = Server::with(&[("/a", "200 OK", "other")]).await;
    let home = Home::new();
    let error = home
        .cache(false)
        .get(&format!("{}/a", server.url), &sum_of("wanted"))
        .await
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains(&sum_of("other")) && message.contains(&sum_of("wanted")),
        "{message}"
    );
    assert_eq!(home.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_kept_file_that_has_changed_is_fetched_again() {
    let server = Server::with(&[("/a", "200 OK", "good")]).await;
    let home = Home::new();
    let url = format!("{}/a", server.url);
    let place = home.cache(false).get(&url, &sum_of("good")).await.unwrap();
    std::fs::write(&place, "rotten").unwrap();
    assert!(matches!(
        home.cache(true).get(&url, &sum_of("good")).await,
        Err(Error::Offline { .. })
    ));
    home.cache(false).get(&url, &sum_of("good")).await.unwrap();
    assert_eq!(std::fs::read_to_string(place).unwrap(), "good");
}

#[tokio::test]
async fn offline_nothing_is_asked() {
    let server = Server::with(&[("/a", "200 OK", "a")]).await;
    let home = Home::new();
    let got = home
        .cache(true)
        .get(&format!("{}/a", server.url), &sum_of("a"))
        .await;
    assert!(matches!(got, Err(Error::Offline { .. })));
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn redirections_are_followed_and_circles_end() {
    let server = Server::with(&[
        ("/one", "302 Found\r\nLocation: /deep/two", ""),
        ("/deep/two", "307 Temporary Redirect\r\nLocation: three", ""),
        ("/deep/three", "200 OK", "end"),
        ("/circle", "301 Moved Permanently\r\nLocation: /circle", ""),
    ])
    .await;
    let home = Home::new();
    let get = async |path: &str| {
        let cache = home.cache(false);
        cache.get(&format!("{}{path}", server.url), &sum_of("end")).await
    };
    assert!(matches!(
        get("/circle").await,
        Err(Error::Circle { limit: 5, .. })
    ));
    get("/one").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_had_says_why() {
    let server = Server::with(&[]).await;
    let home = Home::new();
    let get = async |url: &str, sha256: &str| home.cache(false).get(url, sha256).await.unwrap_err();
    let sum = sum_of("a");
    let missing = get(&format!("{}/none", server.url), &sum).await;
    assert!(
        matches!(missing, Error::Refused { status: 404, .. }),
        "{missing:?}"
    );
    assert!(matches!(
        get("ftp://example.org/a", &sum).await,
        Error::Url { .. }
    ));
    assert!(matches!(get("https:///a", &sum).await, Error::Url { .. }));
    assert!(matches!(
        get("http://example.org/a", "latest").await,
        Error::NoSum { .. }
    ));
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let unanswered = get(&format!("http://{gone}/a"), &sum).await;
    assert!(matches!(unanswered, Error::Unanswered { .. }), "{unanswered:?}");
    assert_eq!(home.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_from_a_bundle_is_checked_as_well() {
    let home = Home::new();
    let cache = home.cache(true);
    let wrong = cache.put(&mut "b".as_bytes(), &sum_of("a"), "bundle.tar").await;
    assert!(matches!(wrong, Err(Error::Mismatch { .. })));
    let place = cache
        .put(&mut "a".as_bytes(), &sum_of("a"), "bundle.tar")
        .await
        .unwrap();
    assert_eq!(
        cache.get("https://example.org/a", &sum_of("a")).await.unwrap(),
        place
    );
}
