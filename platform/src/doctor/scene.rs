//! What several checks look at, each asked for once and only when a check wants it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::machine::{Kind, Machine};
use super::{Finding, Question, blocking};
use crate::docker::{Endpoint, Engine};

/// How long the engine may take to answer for the first time, and again to tell about its machine.
const ENGINE_LIMIT: Duration = Duration::from_secs(1);

/// Why a check that needs the engine is skipped.
pub(super) const NO_ENGINE: &str = "no engine answers";

/// The engine and the cluster, as far as they have been looked at.
pub(super) struct Scene<'a> {
    pub(super) question: &'a Question,
    engine: OnceCell<Result<Reached, Unreached>>,
}

/// An engine that answers.
pub(super) struct Reached {
    pub(super) engine: Engine,
    pub(super) machine: Machine,
    /// This machine's clock before and after the engine told its own.
    pub(super) asked: (SystemTime, SystemTime),
}

/// No engine, and why.
pub(super) struct Unreached {
    /// Where it was looked for; `None` when that was not to be found out.
    pub(super) endpoint: Option<Endpoint>,
    /// One sentence.
    pub(super) why: String,
}

impl<'a> Scene<'a> {
    pub(super) fn new(question: &'a Question) -> Self {
        let engine = OnceCell::new();
        Self { question, engine }
    }

    /// The engine, or why there is none.
    pub(super) async fn engine(&self) -> Result<&Reached, &Unreached> {
        let reached = self
            .engine
            .get_or_init(|| reach(self.question.docker_host.as_deref()));
        reached.await.as_ref()
    }

    /// The engine, or the finding that `check` had nothing to look at.
    pub(super) async fn reached(&self, check: &'static str) -> Result<&Reached, Vec<Finding>> {
        self.engine()
            .await
            .map_err(|_| vec![Finding::skipped(check, NO_ENGINE)])
    }

    /// Whether an engine answered when it was asked for.
    pub(super) fn engine_answered(&self) -> bool {
        self.engine.get().is_some_and(Result::is_ok)
    }

    /// The name of the cluster's registry, which programs beside the cluster use as a host name.
    pub(super) fn registry_name(&self) -> Option<String> {
        let registry = self.question.spec.registry.as_ref();
        registry.map(|registry| registry.name.clone())
    }

    /// The engine's machine; when no engine answers, this one, if an engine would run right on it.
    pub(super) async fn machine(&self) -> Option<Cow<'_, Machine>> {
        match self.engine().await {
            Ok(reached) => Some(Cow::Borrowed(&reached.machine)),
            Err(unreached) => {
                let named = unreached.endpoint.as_ref();
                let here = named.is_none_or(|endpoint| endpoint.address.starts_with("unix://"));
                (here && cfg!(target_os = "linux")).then(|| Cow::Owned(Machine::default()))
            }
        }
    }

    /// The lines of a file of the engine's machine; `None` when that cannot be read from here.
    pub(super) async fn file(&self, machine: &Machine, path: &'static str) -> Option<String> {
        if machine.kind != Kind::Here {
            return None;
        }
        blocking(move || std::fs::read_to_string(path).ok()).await?
    }
}

async fn reach(flag: Option<&str>) -> Result<Reached, Unreached> {
    let endpoint = Endpoint::find(flag).map_err(|error| unreached(None, &error))?;
    let late = |what: &str| Unreached {
        endpoint: Some(endpoint.clone()),
        why: format!("{what} within {} s", ENGINE_LIMIT.as_secs()),
    };
    let engine = timeout(ENGINE_LIMIT, Engine::connect(&endpoint))
        .await
        .map_err(|_| late("it does not answer"))?
        .map_err(|error| unreached(Some(&endpoint), &error))?;
    let before = SystemTime::now();
    let info = timeout(ENGINE_LIMIT, engine.info())
        .await
        .map_err(|_| late("it answers, and does not tell about itself"))?
        .map_err(|error| unreached(Some(&endpoint), &error))?;
    let asked = (before, SystemTime::now());
    let uname = rustix::system::uname();
    let (name, kernel) = (
        uname.nodename().to_string_lossy(),
        uname.release().to_string_lossy(),
    );
    let machine = Machine::of(info, &endpoint, (&name, &kernel));
    Ok(Reached {
        engine,
        machine,
        asked,
    })
}

fn unreached(endpoint: Option<&Endpoint>, error: &dyn std::error::Error) -> Unreached {
    Unreached {
        endpoint: endpoint.cloned(),
        why: causes(error),
    }
}

/// An error's causes, which say why where the error itself says what; the error itself when it has none.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.iter().any(|word| word.contains(&cause_words)) {
            words.push(cause_words);
        }
        next = cause.source();
    }
    if words.is_empty() {
        error.to_string()
    } else {
        words.join(": ")
    }
}
