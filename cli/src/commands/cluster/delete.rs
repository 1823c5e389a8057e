//! `ratectl delete-cluster`: a cluster gone, with everything that was made for it.

use platform::cluster::{self, DeleteOptions};

use super::{Reach, Target, limits::Limits};
use crate::{app::Global, error::Error, exit::Exit, progress, ui::Ui};

const ON_SIGNAL: &str = "Stopping after what is under way. Ctrl-C again leaves at once.";

/// Delete a cluster; the images in its registry are kept unless `--all` is given
///
/// Removes its containers with their volumes, its network and its entries in the kubeconfig; if it was kubectl's current
/// context, there is none afterwards. A cluster that is not there is no error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Delete the registry's images as well
    #[arg(long)]
    all: bool,

    /// Delete it even if somebody else made it, such as k3d
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    reach: Reach,
}

/// Deletes.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let base = global.base()?;
    let name = args.target.name(global)?;
    let options = DeleteOptions {
        all: args.all,
        force: args.force,
        wait_for_lock: args.limits.wait_for_lock(),
        timeout: args.limits.timeout,
    };
    progress::run(
        ui,
        ON_SIGNAL,
        async |running| {
            let setup = args.reach.setup(&base, running).await?;
            Ok(cluster::delete(&setup, &name, &options).await?)
        },
        |deleted| ui.result(deleted),
    )
}
