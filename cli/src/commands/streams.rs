//! `ratectl streams`: the stream definitions of the project against what a NATS server has.

mod apply;
mod diff;
mod ls;

use contract::definition::Definitions;
use platform::{project::Project, streams::JetStream};

use crate::{app::Global, error::Error, exit::Exit, session, ui::Ui};

/// Compare, apply and list JetStream streams and consumers
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Ls(ls::Args),
    Diff(diff::Args),
    Apply(apply::Args),
}

/// Which server.
#[derive(Debug, clap::Args)]
struct Server {
    /// The NATS server [default: the one of this project's running `ratectl dev`]
    #[arg(long, value_name = "URL", env = "NATS_URL", hide_env_values = true)]
    nats: Option<String>,
}

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    match args.command {
        Command::Ls(args) => ls::run(ui, &args, global),
        Command::Diff(args) => diff::run(ui, &args, global),
        Command::Apply(args) => apply::run(ui, &args, global),
    }
}

impl Server {
    /// Connects to the server named by flag or environment, else to that of the project's running `ratectl dev`.
    async fn connect(&self, project: impl FnOnce() -> Result<Project, Error>) -> Result<JetStream, Error> {
        let url = match self.nats.as_ref().filter(|url| !url.is_empty()) {
            Some(url) => url.clone(),
            None => session::nats_url(&project()?)?,
        };
        Ok(JetStream::connect(&url).await?)
    }
}

/// The definitions the project names.
fn definitions(project: &Project) -> Result<Definitions, Error> {
    let folder = project.streams.as_ref().ok_or_else(|| {
        Error::new(
            Exit::Configuration,
            format!("{} names no stream definitions", project.file.display()),
        )
        .hint("add `streams: manifests/streams`, a folder of NACK Stream and Consumer resources")
    })?;
    Ok(platform::streams::load(folder)?)
}
