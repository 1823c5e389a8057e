//! Clusters on a scripted engine: what a real one does only when something is wrong, and what is asked of it then.

mod changes;
mod failures;
mod locking;
mod script;

use std::time::Duration;

use platform::cluster::spec::{Draft, Overrides};
use platform::cluster::{Setup, Spec};
use platform::docker::{Endpoint, Engine, Source};
use platform::event::{self, Event, Receiver, StepState};
use platform::kubeconfig::Location;
use tempfile::TempDir;
use testbed::engine::Engine as Scripted;
use tokio_util::sync::CancellationToken;

/// A machine with a scripted engine.
struct Machine {
    engine: Scripted,
    folder: TempDir,
    setup: Setup,
    receiver: Receiver,
}

impl Machine {
    async fn new(engine: Scripted) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = Endpoint {
            address: engine.address(),
            source: Source::Default,
        };
        let (events, receiver) = event::channel();
        let setup = Setup {
            engine: Engine::connect(&endpoint).await.unwrap(),
            kubeconfig: Location::find(Some(&folder.path().join("kubeconfig"))),
            state_dir: folder.path().join("state"),
            events,
            cancel: CancellationToken::new(),
        };
        Self {
            engine,
            folder,
            setup,
            receiver,
        }
    }

    /// What the engine was asked to change, in order; only what is named by one of these words.
    fn asked(&self, words: &[&str]) -> Vec<String> {
        let requests = self.engine.requests().into_iter();
        let told = requests.map(|request| {
            let path = request.path.strip_prefix("/v1.47").unwrap_or(&request.path);
            format!("{} {path}", request.method)
        });
        told.filter(|request| words.iter().any(|word| request.starts_with(word)))
            .collect()
    }

    /// Waits until the engine was asked something.
    async fn is_asked(&self, question: &str) {
        let asked = async {
            while self.asked(&[question]).is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), asked).await.unwrap();
    }

    /// How each step has ended so far, as `node k3d-x-server-0: failed`.
    async fn endings(&mut self) -> Vec<String> {
        // Nothing more can come once this end is the only one.
        let (events, _) = event::channel();
        self.setup.events = events;
        let mut endings = Vec::new();
        while let Some(event) = self.receiver.recv().await {
            let Event::Step { step, state } = event else {
                continue;
            };
            let ending = match state {
                StepState::Done { outcome, .. } => format!("{outcome:?}").to_lowercase(),
                StepState::Failed { .. } => "failed".to_owned(),
                StepState::Cancelled => "cancelled".to_owned(),
                _ => continue,
            };
            endings.push(format!("{step}: {ending}"));
        }
        endings
    }
}

/// A cluster `x` of one node without a registry.
fn spec() -> Spec {
    let overrides = Overrides {
        name: Some("x".to_owned()),
        api_port: Some(6555),
        ..Overrides::default()
    };
    let mut spec = Draft::default().spec(&overrides).unwrap();
    spec.registry = None;
    spec
}
