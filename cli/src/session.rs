//! A system running on this machine: started, watched, announced, stopped.

mod api;
mod door;
mod front;
mod line;
mod live;
mod log;
mod narration;
mod printer;
mod ready;
mod structured;
mod watch;

use std::time::{Duration, Instant};

use platform::{
    deploy::deployable,
    dev::{self, Nats},
    project::Project,
};

use crate::{error::Error, exit::Exit, ui::Ui};
use line::Margin;

use printer::{Printer, Said};

/// How long the last words may take to be printed.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What a person asked for, beyond the project file.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// The gateway's port; 0 for any free one.
    pub(crate) port: u16,
    /// The admin listener's port; 0 for any free one.
    pub(crate) admin_port: u16,
    /// Which NATS server.
    pub(crate) nats: Nats,
    /// Whether to show everything a NATS server of our own says.
    pub(crate) verbose: bool,
}

/// Runs the system until it is told to end, or cannot go on.
pub(crate) fn run(ui: Ui, project: &Project, wishes: Wishes) -> Exit {
    let started = Instant::now();
    let verbose = ui.verbose();
    let printer = Printer::start(ui, Margin::new(live::names(project, &wishes)));
    let voice = printer.voice();
    // Server threads log as well. One session a process: a second subscriber is never there to be kept out.
    drop(tracing::subscriber::set_global_default(log::subscriber(
        voice.clone(),
        verbose,
    )));
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Failure, "cannot start the event loop").caused_by(error))
        .and_then(|runtime| {
            let outcome = runtime.block_on(live::live(project, wishes, &voice, started));
            // Whatever still waits (a name to be resolved, a file to be read) is of no use any more.
            runtime.shutdown_background();
            outcome
        });
    let exit = outcome.unwrap_or_else(|error| {
        let exit = error.exit();
        voice.say(Said::Error(error));
        exit
    });
    printer.finish(LAST_WORDS);
    exit
}

/// The NATS server of the project's running `ratectl dev`; none where that does not run and the project has one in a profile's cluster.
/// What deploys nothing has no server there either: without `ratectl dev` that is an error.
pub(crate) fn nats_url(project: &Project) -> Result<Option<String>, Error> {
    let url = dev::running(project)?.and_then(|holder| holder.nats_url);
    if url.is_none() && deployable(project).next().is_none() {
        let message = format!("no `ratectl dev` of {} is running", project.file.display());
        let error = Error::new(Exit::Unreachable, message);
        return Err(error.hint("start it, or name a server with `--nats URL` or NATS_URL"));
    }
    Ok(url)
}
