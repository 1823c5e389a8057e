//! `ratectl deploy`: components from their sources to running pods.

pub(super) mod page;

use std::time::Duration;

use platform::deploy::{self, Options};

use super::cluster::duration;
use super::system::{System, command_line, person};
use crate::{app::Global, error::Error, exit::Exit, progress, ui::Ui};

pub(super) const ON_SIGNAL: &str = "Stopping; what runs already stays. Ctrl-C again leaves at once.";

/// Build, push and apply components, and wait until they run
///
/// Without a name, or with `all`, every component of `ratectl.yaml`, each after those that it needs. Of a component that is named, the
/// needs that the cluster lacks are deployed first. What is as it should be is left alone: a second run writes nothing.
///
/// An image is built when its content is not in the registry yet, and named by its digest. Manifests are applied by server-side
/// apply with the overlays of the profile. A rollout that fails is explained, and ends with exit code 7.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags, each by itself")]
pub(crate) struct Args {
    /// Components to deploy [default: all]
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,

    /// Have the API server check everything and say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Delete what was deployed before and is not in the manifests any more; never namespaces, CRDs, volumes or streams
    #[arg(long)]
    prune: bool,

    /// Take fields that others have set, such as helm or kubectl
    #[arg(long)]
    force_conflicts: bool,

    /// Whether to wait until everything runs
    #[arg(long, value_name = "true|false", default_value_t = true, action = clap::ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    wait: bool,

    /// Give each rollout this much time, such as 90s or 5m [default: `wait:` of the component, or 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,

    /// Whether to give up a rollout before its time when waiting does not help
    #[arg(
        long,
        value_name = "on|off",
        default_value = "on",
        hide_possible_values = true
    )]
    fail_fast: Switch,

    #[command(flatten)]
    system: System,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Deploys, and says where the system answers.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, !args.dry_run)?;
    let options = Options {
        components: args.components.clone(),
        dry_run: args.dry_run,
        force_conflicts: args.force_conflicts,
        prune: args.prune,
        wait: args.wait,
        timeout: args.timeout,
        fail_fast: args.fail_fast == Switch::On,
        why: command_line(),
        by: person(),
    };
    progress::run(
        ui,
        ON_SIGNAL,
        async |running| {
            let setup = args.system.setup(site, running).await?;
            Ok(deploy::deploy(&setup, &options).await?)
        },
        |deployed| ui.result(deployed),
    )
}
