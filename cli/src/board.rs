//! What is known about the running system, shared by the session that learns it and the page that shows it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

/// The addresses of a running system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Urls {
    /// The API, with its prefix.
    pub(crate) api: String,
    /// The user interface, or the status page.
    pub(crate) ui: String,
    /// Health and metrics of the proxy.
    pub(crate) admin: String,
    /// The NATS server, without credentials.
    pub(crate) nats: String,
}

/// How a component is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Health {
    /// Started, not ready yet.
    Starting,
    /// Ready, by its readiness URL or, without one, because it runs.
    Ready,
    /// Runs, was ready, and is not any more.
    Unready,
    /// Ended; it will be started again.
    Restarting,
    /// It cannot be started, or its files are missing.
    Failed,
    /// Its files are missing, and the project says how they are made; the rest does without.
    Unbuilt,
    /// Ended for good.
    Stopped,
}

impl Health {
    /// The word for a label; the same as in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Health::Starting => "starting",
            Health::Ready => "ready",
            Health::Unready => "unready",
            Health::Restarting => "restarting",
            Health::Failed => "failed",
            Health::Unbuilt => "unbuilt",
            Health::Stopped => "stopped",
        }
    }

    /// The rest of a sentence that begins with the component's name.
    pub(crate) fn predicate(self) -> &'static str {
        match self {
            Health::Starting => "is still starting",
            Health::Ready => "is ready",
            Health::Unready => "is not ready",
            Health::Restarting => "has ended",
            Health::Failed => "has failed",
            Health::Unbuilt => "is not built",
            Health::Stopped => "has stopped",
        }
    }
}

/// One component as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Component {
    /// Its name in the project file.
    pub(crate) name: String,
    /// What it is: `process`, `static`, `nats` or `proxy`.
    pub(crate) kind: &'static str,
    /// How it is doing.
    pub(crate) health: Health,
    /// Why, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// Where to reach it, if it has an address of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// How often it was started again.
    pub(crate) restarts: u32,
}

impl Component {
    /// A component about which nothing is known yet.
    pub(crate) fn starting(name: impl Into<String>, kind: &'static str) -> Self {
        Component {
            name: name.into(),
            kind,
            health: Health::Starting,
            detail: None,
            url: None,
            restarts: 0,
        }
    }
}

/// Everything the status page shows, at one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    /// The project's name.
    pub(crate) project: String,
    /// `ratectl`'s version.
    pub(crate) version: &'static str,
    /// Seconds since the start.
    pub(crate) uptime_seconds: u64,
    /// Where things are.
    pub(crate) urls: Urls,
    /// The components in the order of the project file.
    pub(crate) components: Vec<Component>,
}

/// The shared board. Locks are held for the time of a copy only, never across an await.
#[derive(Debug)]
pub(crate) struct Board {
    project: String,
    started: Instant,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    urls: Urls,
    components: Vec<Component>,
}

impl Board {
    /// A board for a project, with its components in order.
    pub(crate) fn new(project: impl Into<String>, components: Vec<Component>) -> Self {
        let shown = Mutex::new(Shown {
            urls: Urls::default(),
            components,
        });
        Board {
            project: project.into(),
            started: Instant::now(),
            shown,
        }
    }

    /// Sets where things are.
    pub(crate) fn locate(&self, urls: Urls) {
        self.lock().urls = urls;
    }

    /// Changes what is shown of one component; unknown names are ignored.
    pub(crate) fn update(&self, name: &str, change: impl FnOnce(&mut Component)) {
        if let Some(component) = self
            .lock()
            .components
            .iter_mut()
            .find(|component| component.name == name)
        {
            change(component);
        }
    }

    /// Everything, as it is now.
    pub(crate) fn status(&self) -> Status {
        let shown = self.lock();
        Status {
            project: self.project.clone(),
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: self.started.elapsed().as_secs(),
            urls: shown.urls.clone(),
            components: shown.components.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        // A panic while holding the lock leaves a board that is at worst out of date.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
