//! `ratectl stop-cluster`: a cluster at rest, with everything in it.

use platform::cluster::{self, StopOptions};

use super::{Reach, Target, limits::Limits};
use crate::{app::Global, error::Error, exit::Exit, progress, ui::Ui};

const ON_SIGNAL: &str = "Stopping after what is under way. Ctrl-C again leaves at once.";

/// Stop a cluster and its registry; nothing is lost
///
/// The nodes get time to end their pods, so that databases can write what they have to. `start-cluster` goes on from there.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    reach: Reach,
}

/// Stops.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let base = global.base()?;
    let name = args.target.name(global)?;
    let options = StopOptions {
        wait_for_lock: args.limits.wait_for_lock(),
        timeout: args.limits.timeout,
    };
    progress::run(
        ui,
        ON_SIGNAL,
        async |running| {
            let setup = args.reach.setup(&base, running).await?;
            Ok(cluster::stop(&setup, &name, &options).await?)
        },
        |stopped| ui.result(stopped),
    )
}
