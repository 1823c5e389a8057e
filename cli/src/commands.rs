//! The commands, one leaf a file.

mod completions;
mod man;

use clap::Subcommand;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};

/// What `ratectl` can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// Runs the command.
    pub(crate) fn run(self, ui: &mut Ui, global: &Global) -> Result<Exit, Error> {
        match self {
            Command::Completions(args) => completions::run(ui, &args),
            Command::Man(args) => man::run(ui, &args, &global.base()?),
        }
    }
}
