//! `ratectl streams`: the stream definitions of the project against what a NATS server has.

mod apply;
mod diff;
mod ls;
mod server;

use contract::definition::Definitions;
use platform::project::Project;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};
use server::Server;

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

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    match args.command {
        Command::Ls(args) => ls::run(ui, &args, global),
        Command::Diff(args) => diff::run(ui, &args, global),
        Command::Apply(args) => apply::run(ui, &args, global),
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
