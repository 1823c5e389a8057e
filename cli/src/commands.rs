//! The commands, one leaf a file.

mod aliases;
mod bundle;
mod cluster;
mod completions;
mod config;
mod deploy;
mod dev;
mod diff;
mod doctor;
mod history;
mod load;
mod logs;
mod man;
pub(crate) mod place;
mod port_forward;
mod restart;
mod rollback;
mod status;
mod streams;
mod system;
mod tools;
mod top;
mod undeploy;
mod use_profile;
mod watch;

use clap::Subcommand;

pub(crate) use tools::installing;

use crate::{app::Global, error::Error, exit::Exit, ui::Ui};

/// What `ratectl` can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Dev(dev::Args),
    CreateCluster(cluster::create::Args),
    StartCluster(cluster::start::Args),
    StopCluster(cluster::stop::Args),
    DeleteCluster(cluster::delete::Args),
    Cluster(cluster::Args),
    Deploy(deploy::Args),
    Diff(diff::Args),
    Undeploy(undeploy::Args),
    Restart(restart::Args),
    Rollback(rollback::Args),
    History(history::Args),
    Status(status::Args),
    Top(top::Args),
    Doctor(doctor::Args),
    PortForward(port_forward::Args),
    Logs(logs::Args),
    Load(load::Args),
    Watch(watch::Args),
    Use(use_profile::Args),
    Config(config::Args),
    Streams(streams::Args),
    Bundle(bundle::Args),
    Tools(tools::Args),
    Aliases(aliases::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// Runs the command and says how it ended; what went wrong has been printed.
    pub(crate) fn run(self, ui: Ui, global: &Global) -> Exit {
        let outcome = match self {
            // Prints from a thread of its own, to its very end.
            Command::Dev(args) => return dev::run(ui, args, global),
            Command::CreateCluster(args) => cluster::create::run(&ui, &args, global),
            Command::StartCluster(args) => cluster::start::run(&ui, &args, global),
            Command::StopCluster(args) => cluster::stop::run(&ui, &args, global),
            Command::DeleteCluster(args) => cluster::delete::run(&ui, &args, global),
            Command::Cluster(args) => cluster::run(&ui, args, global),
            Command::Deploy(args) => deploy::run(&ui, &args, global),
            Command::Diff(args) => diff::run(&ui, &args, global),
            Command::Undeploy(args) => undeploy::run(&ui, &args, global),
            Command::Restart(args) => restart::run(&ui, &args, global),
            Command::Rollback(args) => rollback::run(&ui, &args, global),
            Command::History(args) => history::run(&ui, &args, global),
            Command::Status(args) => status::run(&ui, &args, global),
            Command::Top(args) => top::run(&ui, &args, global),
            Command::Doctor(args) => doctor::run(&ui, args, global),
            Command::PortForward(args) => port_forward::run(&ui, &args, global),
            Command::Logs(args) => logs::run(&ui, &args, global),
            Command::Load(args) => load::run(&ui, &args, global),
            Command::Config(args) => config::run(&ui, args, global),
            Command::Watch(args) => watch::run(&ui, &args, global),
            Command::Use(args) => use_profile::run(&ui, &args, global),
            Command::Streams(args) => streams::run(&ui, args, global),
            Command::Bundle(args) => bundle::run(&ui, &args, global),
            Command::Tools(args) => tools::run(&ui, args, global),
            Command::Aliases(args) => aliases::run(&ui, &args, global),
            Command::Completions(args) => completions::run(&ui, &args),
            Command::Man(args) => global.base().and_then(|base| man::run(&ui, &args, &base)),
        };
        outcome.unwrap_or_else(|error| {
            ui.error(&error);
            error.exit()
        })
    }
}

/// Runs `work` to its end on a runtime of this thread.
fn with_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Failure, "cannot start the event loop").caused_by(error))?
        .block_on(work)
}
