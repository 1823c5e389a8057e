//! Shell scripts as supervised programs.

use std::time::Duration;

use futures_util::future::BoxFuture;
use platform::event::{self, Event, Receiver};
use platform::supervise::{
    self, Alive, Backoff, HttpProbe, Launch, LaunchError, Probe, Program, Settings, Supervised,
};

use crate::family::MARK;
use crate::host::{LIMIT, launcher};

/// `sh -c SCRIPT`, with a mark in its environment.
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) mark: String,
    /// Asked for readiness; `None` for a program that is ready when it runs.
    pub(crate) url: Option<String>,
}

impl Program for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn launch(&mut self) -> BoxFuture<'_, Result<Launch, LaunchError>> {
        let probe: Box<dyn Probe> = match &self.url {
            Some(url) => Box::new(HttpProbe::new(url).unwrap()),
            None => Box::new(Alive),
        };
        let launch = Launch {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), self.text.clone().into()],
            env: vec![(MARK.into(), self.mark.clone().into())],
            directory: "/".into(),
            probe,
        };
        Box::pin(std::future::ready(Ok(launch)))
    }
}

/// A mark nobody else has.
pub(crate) fn mark(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// Quick ones, so that tests need not wait.
pub(crate) fn settings() -> Settings {
    Settings {
        guard: launcher(),
        hold: None,
        grace: Duration::from_millis(300),
        backoff: Backoff::new(Duration::from_millis(1), Duration::from_millis(50), LIMIT),
    }
}

/// Supervises a script.
pub(crate) fn start(script: &str, mark: &str) -> (Supervised, Receiver) {
    let program = Script {
        text: script.to_owned(),
        mark: mark.to_owned(),
        url: None,
    };
    let (events, receiver) = event::channel();
    (supervise::start(program, settings(), events), receiver)
}

/// The first event that `wanted` makes something of.
pub(crate) async fn wait_for<T>(receiver: &mut Receiver, wanted: impl Fn(&Event) -> Option<T>) -> T {
    let search = async {
        while let Some(event) = receiver.recv().await {
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
        panic!("the events ended");
    };
    tokio::time::timeout(LIMIT, search).await.unwrap()
}
