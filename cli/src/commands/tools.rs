//! `ratectl tools`: the programs ratectl needs besides itself.

mod install;

pub(crate) use install::installing;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};

/// Get the programs ratectl needs besides itself
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Install(install::Args),
}

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    match args.command {
        Command::Install(args) => install::run(ui, &args, global),
    }
}
