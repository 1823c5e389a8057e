//! `ratectl bundle`: everything a deployment needs from elsewhere, in one file.

mod create;
mod load;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};

/// Carry a deployment to a place without a way to the internet
///
/// A bundle is one file with the images, charts and manifests from elsewhere that a profile's deployment needs. Where it is loaded, the
/// images are in the profile's registry and everything else in the cache; `ratectl deploy --offline` then asks nobody else.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(create::Args),
    Load(load::Args),
}

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    match &args.command {
        Command::Create(args) => create::run(ui, args, global),
        Command::Load(args) => load::run(ui, args, global),
    }
}
