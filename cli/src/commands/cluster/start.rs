//! `ratectl start-cluster`: a stopped cluster, usable again.

use platform::cluster::{self, StartOptions};

use super::{Reach, Target, limits::Limits, result::Ready};
use crate::{app::Global, error::Error, exit::Exit, progress, ui::Ui};

const ON_SIGNAL: &str = "Stopping. Ctrl-C again leaves at once.";

/// Start a stopped cluster and its registry
///
/// Waits until it is as ready as after `create-cluster`: after a restart of the machine addresses may have changed, so nodes, DNS
/// and registry are looked at again. Clusters of k3d can be started as well.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Make the cluster kubectl's current context
    #[arg(long)]
    switch_context: bool,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    reach: Reach,
}

/// Starts, and says how to reach the cluster.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let base = global.base()?;
    let name = args.target.name(global)?;
    let options = StartOptions {
        switch_context: args.switch_context,
        wait_for_lock: args.limits.wait_for_lock(),
        timeout: args.limits.timeout,
    };
    progress::run(
        ui,
        ON_SIGNAL,
        async |running| {
            let setup = args.reach.setup(&base, running).await?;
            let started = cluster::start(&setup, &name, &options).await?;
            Ok(Ready::new(started, args.reach.kubeconfig_file(&base)))
        },
        |ready| ui.result(ready),
    )
}
