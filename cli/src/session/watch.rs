//! Watching a system that runs: what reports no events itself is looked at, and what a person waits for is announced.

use std::time::{Duration, Instant};

use platform::project::{Project, Static};
use tokio::time::{MissedTickBehavior, interval};

use super::{front::Front, line::Line, log::PROXY, printer::Voice, ready::Ready};
use crate::{
    board::{Board, Component, Health},
    error::Error,
    exit::Exit,
    signals::Signals,
};

/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(20);
/// Before this, a proxy that is not ready is nothing to talk about.
const PATIENCE: Duration = Duration::from_secs(3);

/// The watch over one run of `ratectl dev`.
pub(super) struct Watch<'a> {
    project: &'a Project,
    board: &'a Board,
    voice: &'a Voice,
    started: Instant,
    port: u16,
    announced: Announced,
}

/// What has been announced so far.
#[derive(Default)]
struct Announced {
    ready: bool,
    incomplete: bool,
    /// Why the proxy takes so long.
    waiting_for: Option<String>,
}

impl<'a> Watch<'a> {
    /// A watch that has seen nothing yet; `port` is the gateway's.
    pub(super) fn new(
        project: &'a Project,
        board: &'a Board,
        voice: &'a Voice,
        started: Instant,
        port: u16,
    ) -> Self {
        Watch {
            project,
            board,
            voice,
            started,
            port,
            announced: Announced::default(),
        }
    }

    /// Where the watch speaks.
    pub(super) fn voice(&self) -> &Voice {
        self.voice
    }

    /// Waits for a signal, or for something without which it makes no sense to go on.
    pub(super) async fn until_the_end(
        mut self,
        front: &mut Front,
        signals: &mut Signals,
    ) -> Result<Exit, Error> {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                exit = signals.next() => return Ok(exit),
                error = front.ended() => return Err(error),
                _ = look.tick() => {}
            }
            let trouble = front.trouble();
            self.explain(trouble.as_deref());
            self.observe(trouble);
            self.announce();
        }
    }

    /// Says, after a while, why the proxy is not ready yet; components are explained by the platform.
    fn explain(&mut self, trouble: Option<&str>) {
        let waiting_for = &mut self.announced.waiting_for;
        if self.announced.ready || self.started.elapsed() < PATIENCE || waiting_for.as_deref() == trouble {
            return;
        }
        *waiting_for = trouble.map(str::to_owned);
        if let Some(message) = waiting_for.clone() {
            self.voice.line(Line::Component {
                component: PROXY.to_owned(),
                health: Health::Starting,
                message,
            });
        }
    }

    /// Looks at what reports no events of its own: the proxy, and folders that may come and go.
    fn observe(&self, trouble: Option<String>) {
        self.show(PROXY, trouble, Health::Unready);
        for (name, files) in self.project.statics() {
            let health = if files.build.is_empty() {
                Health::Failed
            } else {
                Health::Unbuilt
            };
            self.show(name, (!files.folder.is_dir()).then(|| missing(files)), health);
        }
    }

    /// Shows that a component is ready, or what troubles it; `troubled` is what it is then.
    fn show(&self, name: &str, trouble: Option<String>, troubled: Health) {
        let mut now = None;
        self.board.update(name, |shown| {
            let health = match (&trouble, shown.health, troubled) {
                (None, _, _) => Health::Ready,
                (Some(_), Health::Starting, Health::Unready) => Health::Starting,
                (Some(_), _, _) => troubled,
            };
            if health != shown.health && shown.health != Health::Starting {
                now = Some(health);
            }
            (shown.health, shown.detail) = (health, trouble.clone());
        });
        if let Some(health) = now {
            let message = trouble.unwrap_or_default();
            self.voice.line(Line::Component {
                component: name.to_owned(),
                health,
                message,
            });
        }
    }

    /// Says once that everything is ready, and once that something will not be without help.
    fn announce(&mut self) {
        if self.announced.ready {
            return;
        }
        let status = self.board.status();
        let is_ready = |component: &Component| component.health == Health::Ready;
        let is_enough = |component: &Component| is_ready(component) || component.health == Health::Unbuilt;
        if status.components.iter().all(is_enough) {
            self.announced.ready = true;
            for component in status.components.iter().filter(|component| !is_ready(component)) {
                self.voice.line(Line::Warning {
                    message: trouble(component),
                });
            }
            let (elapsed, pid, port) = (self.started.elapsed(), std::process::id(), self.port);
            self.voice.announce(Ready {
                elapsed,
                pid,
                port,
                status,
            });
            return;
        }
        let is_tried = |component: &Component| component.health != Health::Starting;
        if !self.announced.incomplete && status.components.iter().all(is_tried) {
            self.announced.incomplete = true;
            let unready = status.components.iter().filter(|component| !is_ready(component));
            let troubles: Vec<String> = unready.map(trouble).collect();
            let (troubles, api) = (troubles.join("; "), &status.urls.api);
            self.voice.line(Line::Warning {
                message: format!("not everything runs ({troubles}); the rest answers at {api}"),
            });
        }
    }
}

/// Why a folder's files are not there, and what helps.
fn missing(files: &Static) -> String {
    let missing = format!("there is no folder {} yet", files.folder.display());
    if files.build.is_empty() {
        return missing;
    }
    format!("{missing}; `{}` makes it", files.build.join(" "))
}

/// `worker has failed: no such file`.
fn trouble(component: &Component) -> String {
    let detail = component
        .detail
        .as_ref()
        .map(|detail| format!(": {detail}"))
        .unwrap_or_default();
    format!("{} {}{detail}", component.name, component.health.predicate())
}

#[cfg(test)]
mod tests;
