mod damaged;
mod registry;

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::download::{Cache, hex};
use crate::event::{self, Event, Outcome, StepState};
use registry::Registry;

struct Bench {
    folder: tempfile::TempDir,
    registry: Registry,
}

impl Bench {
    async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            registry: Registry::start().await,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn cache(&self) -> Cache {
        Cache {
            folder: self.path("cache"),
            offline: true,
        }
    }

    /// A pinned file with that text.
    fn pinned(&self, text: &str) -> PinnedFile {
        let sha256 = sum(text.as_bytes());
        let path = self.path(&sha256);
        std::fs::write(&path, text).unwrap();
        PinnedFile {
            sha256,
            url: "https://example.org/crds.yaml".to_owned(),
            path,
        }
    }

    fn wanted(&self, repository: &str, tag: &str) -> Wanted {
        Wanted {
            name: format!("{repository}:{tag}"),
            repository: repository.to_owned(),
            tag: Some(tag.to_owned()),
            digest: None,
            registries: vec![self.registry.address()],
        }
    }

    fn contents(&self, images: &[Wanted]) -> Contents {
        Contents {
            project: "rating".to_owned(),
            profile: "dev".to_owned(),
            images: images.iter().cloned().collect(),
            files: [self.pinned("a: 1\n"), self.pinned("b: 2\n")].into(),
            ..Contents::default()
        }
    }

    async fn create(&self, name: &str, contents: &Contents) -> Result<Created, Error> {
        let (events, _receiver) = event::channel();
        create(&self.path(name), contents, &events, &CancellationToken::new()).await
    }

    async fn load(&self, name: &str, registry: &Registry) -> Result<Loaded, Error> {
        let (events, _receiver) = event::channel();
        let address = registry.address();
        let token = CancellationToken::new();
        load(&self.path(name), &self.cache(), &address, &events, &token).await
    }

    async fn refusal(&self, name: &str) -> String {
        let refused = self.load(name, &self.registry).await.unwrap_err().to_string();
        refused.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn sum(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

#[tokio::test]
async fn images_and_files_come_back_with_equal_digests() {
    let bench = Bench::new().await;
    // More than is sent at once.
    let large = vec![7; 20 * 1024 * 1024];
    let nats = bench.registry.image("library/nats", "2.15", &[b"layer", &large]);
    let own = bench
        .registry
        .image("rating-service", "0123", &[b"layer", b"program"]);
    let both = bench
        .registry
        .list("both", "1", &[("amd64", &nats), ("arm64", &own)]);
    let wanted = [
        bench.wanted("library/nats", "2.15"),
        bench.wanted("rating-service", "0123"),
        Wanted {
            digest: Some(own.clone()),
            tag: None,
            ..bench.wanted("rating-service", "")
        },
    ];
    let created = bench.create("b.tar", &bench.contents(&wanted)).await.unwrap();
    assert_eq!(
        created.bytes,
        std::fs::metadata(bench.path("b.tar")).unwrap().len()
    );
    assert_eq!(created.index.images.len(), 3);

    let other = Registry::start().await;
    let loaded = bench.load("b.tar", &other).await.unwrap();
    assert_eq!(
        other.tags(),
        [
            ("library/nats:2.15".to_owned(), nats),
            ("rating-service:0123".to_owned(), own)
        ]
    );
    assert_eq!(other.blobs("library/nats"), bench.registry.blobs("library/nats"));
    for text in ["a: 1\n", "b: 2\n"] {
        let place = bench
            .cache()
            .get("https://example.org/x", &sum(text.as_bytes()))
            .await
            .unwrap();
        assert_eq!(std::fs::read_to_string(place).unwrap(), text);
    }
    assert!(loaded.images.iter().any(|image| image.outcome == Outcome::Pushed));
    let again = bench.load("b.tar", &other).await.unwrap();
    assert!(
        again
            .images
            .iter()
            .all(|image| image.outcome == Outcome::Unchanged),
        "{again:?}"
    );
    drop(both);
}

#[tokio::test]
async fn an_image_for_several_platforms_comes_whole_or_for_one() {
    let bench = Bench::new().await;
    let amd = bench.registry.image("both", "amd64", &[b"amd"]);
    let arm = bench.registry.image("both", "arm64", &[b"arm"]);
    let list = bench
        .registry
        .list("both", "1", &[("amd64", &amd), ("arm64", &arm)]);
    let mut contents = bench.contents(&[bench.wanted("both", "1")]);
    bench.create("all.tgz", &contents).await.unwrap();
    let all = Registry::start().await;
    bench.load("all.tgz", &all).await.unwrap();
    assert_eq!(all.tags(), [("both:1".to_owned(), list)]);
    assert_eq!(all.blobs("both"), bench.registry.blobs("both"));

    contents.platform = Some("linux/arm64".to_owned());
    bench.create("one.tar", &contents).await.unwrap();
    let one = Registry::start().await;
    bench.load("one.tar", &one).await.unwrap();
    assert_eq!(one.tags(), [("both:1".to_owned(), arm)]);

    contents.platform = Some("linux/s390x".to_owned());
    let error = bench.create("none.tar", &contents).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the image both:1 cannot be bundled: there is none for linux/s390x"
    );
    assert!(!bench.path("none.tar").exists());
}

#[tokio::test]
async fn the_same_contents_give_the_same_bytes() {
    let bench = Bench::new().await;
    bench.registry.image("a", "1", &[b"x", b"y"]);
    let contents = bench.contents(&[bench.wanted("a", "1")]);
    for name in ["one.tar", "two.tar", "one.tgz", "two.tgz"] {
        bench.create(name, &contents).await.unwrap();
    }
    let read = |name: &str| std::fs::read(bench.path(name)).unwrap();
    assert_eq!(read("one.tar"), read("two.tar"));
    assert_eq!(read("one.tgz"), read("two.tgz"));
    assert_ne!(read("one.tar"), read("one.tgz"));
}

#[tokio::test]
async fn an_image_that_nobody_has_is_named_and_the_old_bundle_stays() {
    let bench = Bench::new().await;
    std::fs::write(bench.path("b.tar"), "old").unwrap();
    let error = bench
        .create("b.tar", &bench.contents(&[bench.wanted("none", "1")]))
        .await;
    let message = error.unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "no registry has the image none:1; asked: {}",
            bench.registry.address()
        )
    );
    assert_eq!(std::fs::read_to_string(bench.path("b.tar")).unwrap(), "old");
}

#[tokio::test]
async fn a_layer_that_came_wrong_is_not_bundled() {
    let bench = Bench::new().await;
    bench.registry.image("a", "1", &[b"right"]);
    bench.registry.spoil("a", &sum(b"right"), b"wrong");
    let error = bench
        .create("b.tar", &bench.contents(&[bench.wanted("a", "1")]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Altered { .. }), "{error}");
    let left: Vec<_> = std::fs::read_dir(bench.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !left.iter().any(|name| name.to_string_lossy().contains("b.tar")),
        "{left:?}"
    );
}

#[tokio::test]
async fn progress_is_told_for_every_image() {
    let bench = Bench::new().await;
    bench.registry.image("a", "1", &[b"x"]);
    let (events, mut receiver) = event::channel();
    let contents = bench.contents(&[bench.wanted("a", "1")]);
    create(
        &bench.path("b.tar"),
        &contents,
        &events,
        &CancellationToken::new(),
    )
    .await
    .unwrap();
    drop(events);
    let mut states = Vec::new();
    while let Some(event) = receiver.recv().await {
        if let Event::Step { step, state } = event {
            states.push((
                step.subject,
                matches!(
                    state,
                    StepState::Done {
                        outcome: Outcome::Pulled,
                        ..
                    }
                ),
            ));
        }
    }
    assert_eq!(states.first(), Some(&("a:1".to_owned(), false)));
    assert_eq!(states.last(), Some(&("a:1".to_owned(), true)));
}

#[tokio::test]
async fn what_is_cancelled_leaves_nothing() {
    let bench = Bench::new().await;
    bench.registry.image("a", "1", &[b"x"]);
    let (events, _receiver) = event::channel();
    let token = CancellationToken::new();
    token.cancel();
    let contents = bench.contents(&[bench.wanted("a", "1")]);
    let cancelled = create(&bench.path("b.tar"), &contents, &events, &token).await;
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    assert!(!bench.path("b.tar").exists());
    bench.create("b.tar", &contents).await.unwrap();
    let cancelled = load(
        &bench.path("b.tar"),
        &bench.cache(),
        "localhost:1",
        &events,
        &token,
    )
    .await;
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    assert!(!bench.cache().folder.exists());
}
