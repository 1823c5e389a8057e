//! `ratectl create-cluster`: a cluster as described, whatever is there already.

use platform::cluster::{self, CreateOptions};

use super::{Reach, arguments::Wanted, install::Install, limits::Limits, result::Ready};
use crate::{app::Global, error::Error, exit::Exit, progress, project, ui::Ui};

const ON_SIGNAL: &str = "Stopping: removing what this run made. Ctrl-C again leaves at once.";
/// Where more follows on the cluster.
const ON_SIGNAL_INSTALLING: &str =
    "Stopping: removing what this run made, unless the cluster is ready. Ctrl-C again leaves at once.";

/// Create a cluster with a registry, or make one right that is there
///
/// The cluster is described by `cluster:` in `ratectl.yaml` or by a file of k3d (`--config`), and flags win over both. What is
/// stopped is started, what is half made is finished, and what is as it should be is left alone. A cluster that differs is not
/// touched: the differences are shown, and `--recreate` deletes it and makes it anew.
///
/// It is ready when its nodes are, its DNS serves, and the registry answers from here and from inside; then its context is in
/// the kubeconfig. An image pushed to `localhost:PORT` has the same name in pods.
///
/// At the end the components are deployed that `cluster.install` in `ratectl.yaml` lists, as `ratectl deploy` would.
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a command, each by itself"
)]
pub(crate) struct Args {
    #[command(flatten)]
    wanted: Wanted,

    /// Delete a cluster that differs from what is wanted, and create it anew; its data are lost, those of the registry are not
    #[arg(long)]
    recreate: bool,

    /// With `--recreate`: even if somebody else made it, such as k3d
    #[arg(long, requires = "recreate")]
    force: bool,

    /// Only the cluster: leave out what `cluster.install` lists
    #[arg(long)]
    bare: bool,

    /// Make the cluster kubectl's current context
    #[arg(long)]
    switch_context: bool,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    reach: Reach,
}

/// Creates, and says how to reach the cluster.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let base = global.base()?;
    let described = args.wanted.describe(global)?;
    let options = CreateOptions {
        recreate: args.recreate,
        force: args.force,
        switch_context: args.switch_context || described.switch_context,
        wait_for_lock: args.limits.wait_for_lock(),
        timeout: args.limits.timeout.or(described.timeout),
    };
    let install = if args.bare {
        None
    } else {
        Install::of(ui, project::described(global)?, &args.reach)?
    };
    let on_signal = match &install {
        Some(_) => ON_SIGNAL_INSTALLING,
        None => ON_SIGNAL,
    };
    progress::run(
        ui,
        on_signal,
        async |running| {
            let setup = args.reach.setup(&base, running.clone()).await?;
            let created = cluster::create(&setup, &described.spec, &options).await?;
            let installed = match install {
                Some(install) => Some(Box::pin(install.run(&created.name, setup.kubeconfig, running)).await?),
                None => None,
            };
            Ok(Ready::new(created, args.reach.kubeconfig_file(&base)).with(installed))
        },
        |ready| ui.result(ready),
    )
}
