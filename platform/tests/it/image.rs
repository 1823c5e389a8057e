//! Images: contexts, Dockerfiles and repositories, against a scripted engine.

mod dockerfile;
mod git;

use std::fs;
use std::path::{Path, PathBuf};

use platform::docker::{Endpoint, Engine, Source};
use platform::event::{self, Event, Receiver};
use platform::image::Setup;
use tempfile::TempDir;
use testbed::engine::Engine as Scripted;
use tokio_util::sync::CancellationToken;

/// A scripted engine, a project's folder, a state folder, and what is told.
struct Stand {
    scripted: Scripted,
    setup: Setup,
    events: Receiver,
    folder: TempDir,
}

impl Stand {
    async fn new() -> Self {
        let scripted = Scripted::start("20.10.24", "1.41").unwrap();
        let endpoint = Endpoint {
            address: scripted.address(),
            source: Source::Default,
        };
        let folder = tempfile::tempdir().unwrap();
        let (events, receiver) = event::channel();
        let setup = Setup {
            engine: Engine::connect(&endpoint).await.unwrap().into(),
            root: folder.path().join("project"),
            state_dir: folder.path().join("state"),
            push: "localhost:5000".to_owned(),
            pull: "localhost:5000".to_owned(),
            events,
            cancel: CancellationToken::new(),
        };
        fs::create_dir(&setup.root).unwrap();
        Self {
            scripted,
            setup,
            events: receiver,
            folder,
        }
    }

    /// Writes a file of the project.
    fn write(&self, name: &str, content: &str) -> PathBuf {
        write(&self.setup.root, name, content)
    }

    /// The lines of output told so far, with the component.
    async fn lines(mut self) -> Vec<String> {
        drop(self.setup);
        let mut lines = Vec::new();
        while let Some(event) = self.events.recv().await {
            if let Event::Line { component, line, .. } = event {
                lines.push(format!("{component}: {line}"));
            }
        }
        lines
    }
}

fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

/// The error with its causes.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text} <- {error}");
        source = error.source();
    }
    text
}
