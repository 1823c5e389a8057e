//! `ratectl restart`: new pods without any other change.

use std::time::Duration;

use platform::{deploy, manifest::Id};
use serde::Serialize;

use super::cluster::duration;
use super::system::System;
use crate::{
    app::Global,
    error::Error,
    exit::Exit,
    progress,
    ui::{Paint, Report, Ui, plain_line},
};

/// Replace the pods of components, as gently as their rollout allows
///
/// Nothing else changes: neither image nor manifest. Waits until the new pods run; a failure is explained.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Components to restart
    #[arg(value_name = "COMPONENT", required = true)]
    components: Vec<String>,

    /// Give each rollout this much time, such as 90s or 5m [default: `wait:` of the component, or 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,

    #[command(flatten)]
    system: System,
}

/// Restarts one component after the other.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, true)?;
    progress::run(
        ui,
        super::deploy::ON_SIGNAL,
        async |running| {
            let setup = args.system.setup(site, running).await?;
            let mut restarted = Vec::new();
            for component in &args.components {
                restarted.extend(deploy::restart(&setup, component, args.timeout).await?);
            }
            Ok(Restarted { restarted })
        },
        |restarted| ui.result(restarted),
    )
}

/// The workloads whose pods are new.
#[derive(Debug, Serialize)]
struct Restarted {
    restarted: Vec<Id>,
}

impl Report for Restarted {
    fn text(&self, paint: Paint) -> String {
        let line = |id: &Id| format!("{}  restarted\n", paint.strong(&plain_line(&id.to_string())));
        self.restarted.iter().map(line).collect()
    }
}
