//! The life of a session: lock and NATS server, then gateway and components, then waiting, then the end of it all.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::{
    dev::{self, Environment, Nats, Options},
    event::{self, Event, Receiver},
    guard::Launcher,
    nats_server, observe,
    project::{Dev, Project},
    streams,
};
use runtime::http::Listener;
use tokio::time::timeout;

use super::{
    Wishes,
    door::Door,
    front::{self, Front, Plan},
    log::PROXY,
    narration,
    printer::Voice,
    watch::Watch,
};
use crate::{
    board::{Board, Component, Health, Urls},
    error::Error,
    exit::Exit,
    gateway::{Folder, Site, UI},
    lookout::Lookout,
    signals::Signals,
};

/// All of the stop; what is not gone by then is left to the guards, who kill it when this process ends.
const STOP_WITHIN: Duration = Duration::from_millis(1700);
/// How long the last lines of components may take to arrive after their end.
const LAST_LINES: Duration = Duration::from_millis(100);

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
    let failed = |what: &str, error| Error::new(Exit::Failure, what).caused_by(error);
    let mut signals = Signals::listen().map_err(|error| failed("cannot listen for signals", error))?;
    let routes = front::read_routes(project)?;
    let door = open_door(project, wishes.port)?;
    let admin = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, wishes.admin_port)))?;
    let guard =
        Launcher::this_program().map_err(|error| failed("cannot tell where this program lies", error))?;
    let board = Arc::new(Board::new(&project.name, components(project, &wishes.nats)));
    let (events, receiver) = event::channel();
    let narrator = tokio::spawn(narrate(
        receiver,
        Arc::clone(&board),
        voice.clone(),
        wishes.verbose,
    ));
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
    let nats_url = environment.nats_url().to_owned();
    board.locate(urls(door.port(), &admin, &nats_url));
    let watch = Watch::new(project, &board, voice, started, door.port());
    let lookout = project
        .shows_top
        .then(|| Lookout::of(observe::Nats::new(&nats_url)));
    let site = Site::new(folders(project), Arc::clone(&board), lookout);
    let plan = Plan {
        site,
        routes,
        nats_url,
        door,
        admin,
    };
    let outcome = run(environment, plan, watch, project, &mut signals).await;
    // The last lines; a component that was killed has none.
    drop(timeout(LAST_LINES, narrator).await);
    outcome
}

/// Starts what is left to start, waits for the end, and stops everything.
async fn run(
    mut environment: Environment,
    plan: Plan,
    watch: Watch<'_>,
    project: &Project,
    signals: &mut Signals,
) -> Result<Exit, Error> {
    let gateway_url = format!("http://localhost:{}", plan.door.port());
    let mut front = match Front::open(plan) {
        Ok(front) => front,
        Err(error) => {
            environment.stop().await;
            return Err(error);
        }
    };
    let voice = watch.voice().clone();
    let outcome = match environment.start_components(project, &gateway_url) {
        Ok(()) => watch.until_the_end(&mut front, signals).await,
        Err(error) => Err(error.into()),
    };
    voice.status("Stopping.");
    let stopping = async { tokio::join!(front.stop(), environment.stop()) };
    tokio::select! {
        ((), ()) = stopping => {}
        () = tokio::time::sleep(STOP_WITHIN) => {}
        // Asked twice: what is left is killed by the guards as soon as this process ends.
        _ = signals.next() => {}
    }
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
    Door::open(port).map_err(|taken| match dev::running(project) {
        Ok(Some(holder)) => dev::Error::Locked { holder }.into(),
        _ => taken,
    })
}

fn urls(port: u16, admin: &Listener, nats_url: &str) -> Urls {
    let gateway = format!("http://localhost:{port}");
    Urls {
        api: format!("{gateway}/api"),
        ui: format!("{gateway}{UI}"),
        admin: format!("http://{}", admin.local_addr()),
        nats: streams::without_credentials(nats_url),
    }
}

fn folders(project: &Project) -> Vec<Folder> {
    project.statics().map(|(_, files)| Folder::of(files)).collect()
}

/// Puts what the platform reports on the board and into words, until nothing can report any more.
async fn narrate(mut receiver: Receiver, board: Arc<Board>, voice: Voice, verbose: bool) {
    while let Some(event) = receiver.recv().await {
        let is_output = matches!(event, Event::Line { .. });
        match narration::heed(event, &board, verbose) {
            Some(line) if is_output => voice.line_in_time(line).await,
            Some(line) => voice.line(line),
            None => {}
        }
    }
}
