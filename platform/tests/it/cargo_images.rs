//! Images of Cargo programs, compiled for real and pushed to a registry of a few lines.

mod registry;

use std::fs;
use std::path::Path;

use platform::docker::{Endpoint, OnDemand, Source};
use platform::event::{self, Event, Outcome, Receiver, StepKind, StepState};
use platform::image::{self, Error, Made, Setup};
use platform::project::image::{Build, CargoBuild, Image};
use tempfile::TempDir;
use testbed::engine::Engine as Scripted;
use tokio_util::sync::CancellationToken;

use registry::Registry;

/// A workspace with two small programs, a registry, and an engine of which nothing is asked.
struct Bed {
    folder: TempDir,
    registry: Registry,
    _engine: Scripted,
    setup: Setup,
    receiver: Receiver,
}

impl Bed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::start().await;
        let engine = Scripted::start("20.10.24", "1.41").unwrap();
        let endpoint = Endpoint {
            address: engine.address(),
            source: Source::Default,
        };
        let (events, receiver) = event::channel();
        let setup = Setup {
            engine: OnDemand::new(endpoint),
            root: folder.path().to_owned(),
            state_dir: folder.path().join("state"),
            push: registry.address.clone(),
            pull: "registry.example".to_owned(),
            events,
            cancel: CancellationToken::new(),
        };
        let bed = Self {
            folder,
            registry,
            _engine: engine,
            setup,
            receiver,
        };
        // Nothing is optimised: what is compiled here is run by nobody.
        let root =
            "[workspace]\nmembers = ['one', 'two']\nresolver = '3'\n[profile.release]\nopt-level = 0\n";
        bed.write("Cargo.toml", root);
        let package = |name: &str| format!("[[package]]\nname = '{name}'\nversion = '0.1.0'\n");
        bed.write(
            "Cargo.lock",
            &format!("version = 4\n{}{}", package("one"), package("two")),
        );
        for name in ["one", "two"] {
            let manifest = format!("[package]\nname = '{name}'\nversion = '0.1.0'\nedition = '2024'\n");
            bed.write(&format!("{name}/Cargo.toml"), &manifest);
            bed.write(&format!("{name}/src/main.rs"), "fn main() {}");
        }
        bed
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    async fn make(&self, name: &str) -> Result<Made, Error> {
        image::make(&self.setup, name, &image(self.folder.path(), name), "release").await
    }

    async fn both(&self) -> [Made; 2] {
        let (one, two) = tokio::join!(self.make("one"), self.make("two"));
        [one.unwrap(), two.unwrap()]
    }

    /// What has been told since the last time.
    fn told(&mut self) -> Vec<Event> {
        let mut told = Vec::new();
        while let Some(Some(event)) = futures_util::FutureExt::now_or_never(self.receiver.recv()) {
            told.push(event);
        }
        told
    }
}

fn image(folder: &Path, name: &str) -> Image {
    let build = CargoBuild {
        folder: folder.to_owned(),
        package: name.to_owned(),
        binary: name.to_owned(),
        version: None,
        profile: None,
        features: Vec::new(),
        default_features: true,
        files: Vec::new(),
        command: Vec::new(),
    };
    Image {
        name: format!("team/{name}"),
        build: Build::Cargo(build),
    }
}

#[tokio::test]
async fn what_the_registry_has_is_not_made_again_and_a_change_makes_one_image() {
    let bed = Bed::new().await;
    let first = Box::pin(bed.both()).await;
    for (made, name) in first.iter().zip(["one", "two"]) {
        assert_eq!(
            (made.outcome, made.why.as_str()),
            (Outcome::Built, "not built here before")
        );
        let tag = bed.registry.tag(&format!("team/{name}"), &made.digest);
        let expected = format!("registry.example/team/{name}:{}@{}", tag.unwrap(), made.digest);
        assert_eq!(made.reference, expected);
    }
    let second = Box::pin(bed.both()).await;
    for (made, before) in second.iter().zip(&first) {
        assert_eq!(
            (made.outcome, &made.reference),
            (Outcome::Unchanged, &before.reference)
        );
    }
    bed.write("one/src/main.rs", "fn main() { println!(\"new\") }");
    let [one, two] = Box::pin(bed.both()).await;
    assert_eq!(
        (one.outcome, one.why.as_str()),
        (Outcome::Built, "one/src/main.rs changed")
    );
    assert_ne!(one.digest, first[0].digest);
    assert_eq!(two, second[1]);
}

#[tokio::test]
async fn a_registry_that_has_lost_an_image_gets_the_same_one_again() {
    let bed = Bed::new().await;
    let first = bed.make("one").await.unwrap();
    bed.registry.forget();
    let again = bed.make("one").await.unwrap();
    let why = format!("registry {} does not have it any more", bed.registry.address);
    assert_eq!((again.outcome, again.why), (Outcome::Built, why));
    assert_eq!(again.reference, first.reference);
}

#[tokio::test]
async fn a_source_that_does_not_compile_is_told_with_its_place() {
    let mut bed = Bed::new().await;
    bed.write("one/src/main.rs", "fn main() {\n    nothing();\n}\n");
    let error = bed.make("one").await.unwrap_err();
    let Error::Build { message, log, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        message,
        "cannot find function `nothing` in this scope (one/src/main.rs:2:5)"
    );
    assert!(
        log.iter().any(|line| line.contains("not found in this scope")),
        "{log:?}"
    );
    let told = bed.told();
    let line = |event: &Event| matches!(event, Event::Line { component, line, .. } if component == "one" && line.contains("nothing()"));
    assert!(told.iter().any(line), "{told:?}");
    let ends = |event: &Event| matches!(event, Event::Step { step, state: StepState::Failed { .. } } if step.kind == StepKind::Build);
    assert!(told.iter().any(ends), "{told:?}");
}

#[tokio::test]
async fn cancelled_it_ends_with_the_compiler() {
    let mut bed = Bed::new().await;
    // It runs until somebody ends it.
    bed.write("one/build.rs", "fn main() { std::fs::write(\"../pid\", std::process::id().to_string()).unwrap(); loop { std::thread::park() } }");
    let pid = bed.folder.path().join("pid");
    let running = async {
        while fs::read_to_string(&pid).map_or(true, |pid| pid.is_empty()) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bed.setup.cancel.cancel();
    };
    let (made, ()) = tokio::join!(bed.make("one"), running);
    assert!(matches!(made, Err(Error::Cancelled { .. })), "{made:?}");
    let pid: i32 = fs::read_to_string(&pid).unwrap().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let gone = async {
        while rustix::process::test_kill_process(pid).is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::host::LIMIT, gone).await.unwrap();
    let told = bed.told();
    let cancelled = |event: &Event| {
        matches!(
            event,
            Event::Step {
                state: StepState::Cancelled,
                ..
            }
        )
    };
    assert!(told.iter().any(cancelled), "{told:?}");
}
