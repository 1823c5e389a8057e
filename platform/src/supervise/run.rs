//! The life of a supervised program: start, readiness, end, pause, start again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::child::{Child, Ending};
use super::lines::{self, LastLines};
use super::program::{Launch, Program};
use super::readiness::Readiness;
use super::{Phase, Settings, Status};
use crate::event::{Event, Events, Output, millis};

/// How long the last lines of a program that has ended may take to be reported.
const LAST_LINES_WITHIN: Duration = Duration::from_millis(300);

/// Keeps one program running until told to stop.
pub(super) struct Keeper {
    pub(super) settings: Settings,
    pub(super) events: Events,
    pub(super) status: watch::Sender<Status>,
    pub(super) last_lines: Arc<LastLines>,
    pub(super) stop: CancellationToken,
}

/// How one run went.
enum Run {
    /// The program ended after that time.
    Ended { how: String, lived: Duration },
    /// We were told to stop.
    Stopped,
}

impl Keeper {
    pub(super) async fn run(mut self, mut program: impl Program) {
        let component = program.name().to_owned();
        let stop = self.stop.clone();
        loop {
            let launch = tokio::select! {
                launch = program.launch() => launch,
                () = stop.cancelled() => break,
            };
            let run = match launch {
                Ok(launch) => self.run_once(&component, launch).await,
                Err(error) => {
                    self.fail(&component, error.0);
                    return;
                }
            };
            let Run::Ended { how, lived } = run else { break };
            let pause = self.settings.backoff.after(lived);
            self.note_end(&component, how, pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => break,
            }
        }
        self.status.send_modify(|status| {
            status.phase = Phase::Stopped;
            status.pid = None;
        });
        self.events.send(Event::Stopped { component });
    }

    async fn run_once(&self, component: &str, launch: Launch) -> Run {
        let mut child = match Child::start(&launch, &self.settings).await {
            Ok(child) => child,
            Err(error) => {
                let how = format!("cannot start {}: {error}", launch.program.display());
                return Run::Ended {
                    how,
                    lived: Duration::ZERO,
                };
            }
        };
        self.note_start(component, child.pid());
        let outputs = forward_outputs(component, &mut child, &self.events, &self.last_lines);
        let readiness = Readiness::new(component, child.started, &self.events, &self.status);
        let ended = tokio::select! {
            ending = child.ended() => Some(ending),
            never = readiness.watch(launch.probe) => match never {},
            () = self.stop.cancelled() => None,
        };
        let lived = child.started.elapsed();
        if ended.is_none() {
            child.stop().await;
        }
        drop(tokio::time::timeout(LAST_LINES_WITHIN, outputs.join_all()).await);
        ended.map_or(Run::Stopped, |ending: Ending| Run::Ended {
            how: ending.to_string(),
            lived,
        })
    }

    fn note_start(&self, component: &str, pid: u32) {
        let mut restarts = 0;
        self.status.send_modify(|status| {
            status.phase = Phase::Starting;
            status.pid = Some(pid);
            status.url = None;
            restarts = status.restarts;
        });
        self.events.send(Event::Started {
            component: component.to_owned(),
            pid,
            restarts,
        });
    }

    fn note_end(&self, component: &str, ending: String, pause: Duration) {
        self.status.send_modify(|status| {
            status.phase = Phase::Restarting;
            status.reason = Some(ending.clone());
            status.pid = None;
            status.restarts += 1;
        });
        let restart_in_ms = millis(pause);
        self.events.send(Event::Ended {
            component: component.to_owned(),
            ending,
            restart_in_ms,
        });
    }

    fn fail(&self, component: &str, reason: String) {
        self.status.send_modify(|status| {
            status.phase = Phase::Failed;
            status.reason = Some(reason.clone());
        });
        self.events.send(Event::Failed {
            component: component.to_owned(),
            reason,
        });
    }
}

/// Runs a program once, to its end. Dropping the future ends it, with everything it started.
pub(crate) async fn run_to_end(
    component: &str,
    launch: &Launch,
    settings: &Settings,
    events: &Events,
) -> io::Result<Ending> {
    let mut child = Child::start(launch, settings).await?;
    let outputs = forward_outputs(component, &mut child, events, &Arc::default());
    let ending = child.ended().await;
    outputs.join_all().await;
    Ok(ending)
}

fn forward_outputs(
    component: &str,
    child: &mut Child,
    events: &Events,
    last: &Arc<LastLines>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (stdout, stderr) = child.outputs();
    if let Some(stdout) = stdout {
        tasks.spawn(lines::forward(
            component.to_owned(),
            Output::Stdout,
            stdout,
            events.clone(),
            Arc::clone(last),
        ));
    }
    if let Some(stderr) = stderr {
        tasks.spawn(lines::forward(
            component.to_owned(),
            Output::Stderr,
            stderr,
            events.clone(),
            Arc::clone(last),
        ));
    }
    tasks
}
