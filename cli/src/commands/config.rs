//! `ratectl config`: what the project file says, where each value comes from, and what may be said.

mod schema;
mod view;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};

/// Show the configuration, or what it may be
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    View(view::Args),
    Schema(schema::Args),
}

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    match args.command {
        Command::View(args) => view::run(ui, &args, global),
        Command::Schema(args) => schema::run(ui, &args),
    }
}
