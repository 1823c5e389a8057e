//! `ratectl cluster`: Kubernetes in containers of a Docker engine, and the verbs for it.

mod arguments;
pub(super) mod create;
pub(super) mod delete;
mod install;
pub(crate) mod limits;
mod list;
mod reach;
mod result;
pub(super) mod start;
pub(super) mod stop;

use platform::cluster::Name;

use crate::{app::Global, error::Error, exit::Exit, project, ui::Ui};
pub(super) use limits::duration;
pub(crate) use reach::{Reach, state_dir};

/// Create, start, stop, delete and list clusters
///
/// A cluster is Kubernetes (k3s) in containers of a Docker engine, with a registry beside it. Names and labels are those of k3d,
/// so that k3d's own commands work on it as well, and these on clusters of k3d.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(create::Args),
    Start(start::Args),
    Stop(stop::Args),
    Delete(delete::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
}

/// Runs one of the commands below.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    match args.command {
        Command::Create(args) => create::run(ui, &args, global),
        Command::Start(args) => start::run(ui, &args, global),
        Command::Stop(args) => stop::run(ui, &args, global),
        Command::Delete(args) => delete::run(ui, &args, global),
        Command::List(args) => list::run(ui, &args, global),
    }
}

/// Which cluster.
#[derive(Debug, clap::Args)]
struct Target {
    /// The cluster [default: that of the project, or `localdevcluster`]
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Target {
    /// The cluster's name, which needs no project file if it is given.
    fn name(&self, global: &Global) -> Result<Name, Error> {
        let draft = match &self.name {
            Some(_) => platform::cluster::spec::Draft::default(),
            None => project::described(global)?
                .map(|project| project.cluster)
                .unwrap_or_default(),
        };
        Ok(draft.cluster_name(self.name.as_deref())?)
    }
}
