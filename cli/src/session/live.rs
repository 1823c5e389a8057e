//! The life of a session: lock and NATS server, then gateway and components, then waiting, then the end of it all.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::{
    dev::{self, Environment, Nats, Options},
    event::{self, Event, Receiver},
    guard::Launcher,
    nats_server,
    project::{Dev, Project},
};
use runtime::http::Listener;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{
    Wishes,
    door::Door,
    front::{Front, Plan},
    line::Line,
    log::PROXY,
    narration,
    printer::{Said, Voice},
    ready::Ready,
    signals::Signals,
};
use crate::{
    board::{Board, Component, Health, Urls},
    error::Error,
    exit::Exit,
    gateway::{Folder, Site, UI},
};

/// How often what nobody reports is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// All of the stop; what is not gone by then is left to the guards, who kill it when this process ends.
const STOP_WITHIN: Duration = Duration::from_millis(1900);
/// How long the last lines of components may take to arrive after their end.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Everything that has a name and may speak, in the order shown.
pub(super) fn names(project: &Project, wishes: &Wishes) -> Vec<String> {
    components(project, &wishes.nats)
        .into_iter()
        .map(|component| component.name)
        .collect()
}

/// Runs the system until a signal, and says with which code the process ends.
pub(super) async fn live(
    project: &Project,
    wishes: Wishes,
    voice: &Voice,
    started: Instant,
) -> Result<Exit, Error> {
    let mut signals = Signals::listen()
        .map_err(|error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error))?;
    let door = open_door(project, wishes.port)?;
    let admin = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, wishes.admin_port)))?;
    let guard = Launcher::this_program()
        .map_err(|error| Error::new(Exit::Failure, "cannot tell where this program lies").caused_by(error))?;
    let board = Arc::new(Board::new(&project.name, components(project, &wishes.nats)));
    let (events, receiver) = event::channel();
    let narrator = tokio::spawn(narrate(receiver, Arc::clone(&board), voice.clone()));
    let options = Options {
        nats: wishes.nats,
        guard,
        data_dir: None,
    };
    let environment = tokio::select! {
        prepared = dev::prepare(project, &options, &events) => prepared?,
        exit = signals.next() => return Ok(exit),
    };
    drop(events);
    let session = Session {
        project,
        board,
        voice,
        started,
        port: door.port(),
    };
    session.locate(&admin, environment.nats_url());
    let outcome = session.run(environment, door, admin, &mut signals).await;
    // The last lines; a component that was killed has none.
    drop(timeout(LAST_LINES, narrator).await);
    outcome
}

/// What is shown, before anything is known of it.
fn components(project: &Project, nats: &Nats) -> Vec<Component> {
    let server = match nats {
        Nats::Own { .. } => Component::starting(nats_server::NAME, "nats"),
        Nats::Running { .. } => Component {
            health: Health::Ready,
            ..Component::starting("nats", "nats")
        },
    };
    let proxy = project
        .routes
        .is_some()
        .then(|| Component::starting(PROXY, "proxy"));
    let parts = project
        .components
        .iter()
        .filter_map(|component| match &component.dev {
            Some(Dev::Process(_)) => Some(Component::starting(&component.name, "process")),
            Some(Dev::Static(_)) => Some(Component::starting(&component.name, "static")),
            None => None,
        });
    std::iter::once(server).chain(proxy).chain(parts).collect()
}

/// Takes the port. If the port is taken because this very project runs already, says that instead.
fn open_door(project: &Project, port: u16) -> Result<Door, Error> {
    Door::open(port).or_else(|taken| match dev::running(project) {
        Ok(Some(holder)) => Err(dev::Error::Locked { holder }.into()),
        _ => Err(taken),
    })
}

/// Puts what the platform reports on the board and into words, until nothing can report any more.
async fn narrate(mut receiver: Receiver, board: Arc<Board>, voice: Voice) {
    while let Some(event) = receiver.recv().await {
        let is_output = matches!(event, Event::Line { .. });
        match narration::heed(event, &board) {
            Some(line) if is_output => voice.line_in_time(line).await,
            Some(line) => voice.line(line),
            None => {}
        }
    }
}

/// One run of `ratectl dev`.
struct Session<'a> {
    project: &'a Project,
    board: Arc<Board>,
    voice: &'a Voice,
    started: Instant,
    port: u16,
}

/// What has been announced so far.
#[derive(Default)]
struct Announced {
    ready: bool,
    incomplete: bool,
}

impl Session<'_> {
    /// Starts what is left to start, waits for the end, and stops everything.
    async fn run(
        self,
        mut environment: Environment,
        door: Door,
        admin: Listener,
        signals: &mut Signals,
    ) -> Result<Exit, Error> {
        let gateway_url = format!("http://localhost:{}", self.port);
        let site = Site::new(folders(self.project), Arc::clone(&self.board));
        let nats_url = environment.nats_url().to_owned();
        let plan = Plan {
            project: self.project,
            nats_url: &nats_url,
            site,
            door,
            admin,
        };
        let mut front = match Front::open(plan) {
            Ok(front) => front,
            Err(error) => {
                environment.stop().await;
                return Err(error);
            }
        };
        let outcome = match environment.start_components(self.project, &gateway_url) {
            Ok(()) => self.watch(&mut front, signals).await,
            Err(error) => Err(error.into()),
        };
        self.voice.status("Stopping.");
        let stopping = async { tokio::join!(front.stop(), environment.stop()) };
        tokio::select! {
            ((), ()) = stopping => {}
            () = tokio::time::sleep(STOP_WITHIN) => {}
            // Asked twice: what is left is killed by the guards as soon as this process ends.
            _ = signals.next() => {}
        }
        outcome
    }

    /// Waits for a signal, or for something without which it makes no sense to go on.
    async fn watch(&self, front: &mut Front, signals: &mut Signals) -> Result<Exit, Error> {
        let mut announced = Announced::default();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                exit = signals.next() => return Ok(exit),
                error = front.ended() => return Err(error),
                _ = look.tick() => {}
            }
            self.observe(front.trouble());
            self.announce(&mut announced);
        }
    }

    /// Looks at what reports no events of its own: the proxy, and folders that may come and go.
    fn observe(&self, trouble: Option<String>) {
        self.show(PROXY, trouble);
        for (name, files) in self.project.statics() {
            let missing = || format!("there is no folder {} yet", files.folder.display());
            self.show(name, (!files.folder.is_dir()).then(missing));
        }
    }

    fn show(&self, name: &str, trouble: Option<String>) {
        let mut now = None;
        self.board.update(name, |shown| {
            let health = match (&trouble, shown.health, shown.kind) {
                (None, _, _) => Health::Ready,
                (Some(_), _, "static") => Health::Failed,
                (Some(_), Health::Starting, _) => Health::Starting,
                (Some(_), _, _) => Health::Unready,
            };
            if health != shown.health && shown.health != Health::Starting {
                now = Some(health);
            }
            (shown.health, shown.detail) = (health, trouble.clone());
        });
        if let Some(health) = now {
            let (component, message) = (name.to_owned(), trouble.unwrap_or_default());
            self.voice.line(Line::Component {
                component,
                health,
                message,
            });
        }
    }

    /// Says once that everything is ready, and once that something will not be without help.
    fn announce(&self, announced: &mut Announced) {
        if announced.ready {
            return;
        }
        let status = self.board.status();
        let ready = |component: &&Component| component.health == Health::Ready;
        if status.components.iter().all(|component| ready(&component)) {
            announced.ready = true;
            let (elapsed, pid) = (self.started.elapsed(), std::process::id());
            self.voice.say(Said::Ready(Box::new(Ready {
                elapsed,
                pid,
                port: self.port,
                status,
            })));
            return;
        }
        let all_tried = status
            .components
            .iter()
            .all(|component| component.health != Health::Starting);
        if all_tried && !announced.incomplete {
            announced.incomplete = true;
            let troubles: Vec<String> = status
                .components
                .iter()
                .filter(|component| !ready(component))
                .map(trouble)
                .collect();
            let message = format!(
                "not everything runs ({}); the rest answers at {}",
                troubles.join("; "),
                status.urls.api
            );
            self.voice.line(Line::Warning { message });
        }
    }

    /// Puts the addresses on the board.
    fn locate(&self, admin: &Listener, nats_url: &str) {
        let gateway = format!("http://localhost:{}", self.port);
        self.board.locate(Urls {
            api: format!("{gateway}/api"),
            ui: format!("{gateway}{UI}"),
            admin: format!("http://{}", admin.local_addr()),
            nats: platform::streams::without_credentials(nats_url),
        });
    }
}

fn trouble(component: &Component) -> String {
    let detail = component
        .detail
        .as_ref()
        .map(|detail| format!(": {detail}"))
        .unwrap_or_default();
    format!("{} is {}{detail}", component.name, component.health.word())
}

fn folders(project: &Project) -> Vec<Folder> {
    project
        .statics()
        .map(|(_, files)| Folder {
            mount: files.path.clone(),
            root: files.folder.clone(),
        })
        .collect()
}
