//! `ratectl undeploy`: components out of the cluster.

use std::fmt::Write as _;
use std::time::Duration;

use platform::{
    apply::Removal,
    deploy::{self, Undeployed},
};
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

/// Remove components from the cluster
///
/// Removes what the inventory of a component names, in the opposite order in which it was applied, and nothing else. Volumes, CRDs that
/// others use, and namespaces with something in them stay; the answer says so.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Components to remove, or `all`
    #[arg(value_name = "COMPONENT", required = true)]
    components: Vec<String>,

    /// Remove volumes, and streams that NACK makes, too; their data is lost
    #[arg(long)]
    data: bool,

    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,

    /// Give up after this time, such as 90s or 5m
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    timeout: Duration,

    #[command(flatten)]
    system: System,
}

/// Removes, and says what is left.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, !args.dry_run)?;
    let removal = Removal {
        data: args.data,
        preview: args.dry_run,
        limit: args.timeout,
        ..Removal::default()
    };
    progress::run(
        ui,
        "Stopping; what is gone is gone. Ctrl-C again leaves at once.",
        async |running| {
            let setup = args.system.setup(site, running).await?;
            let components = deploy::undeploy(&setup, &args.components, removal).await?;
            Ok(Gone {
                dry_run: args.dry_run,
                components,
            })
        },
        |gone| ui.result(gone),
    )
}

/// What was removed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Gone {
    dry_run: bool,
    components: Vec<Undeployed>,
}

impl Report for Gone {
    fn text(&self, paint: Paint) -> String {
        if self.components.is_empty() {
            return "None of it is deployed; there was nothing to do.\n".to_owned();
        }
        let verb = if self.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        let mut text = String::new();
        for component in &self.components {
            let count = component.removed.removed.len();
            let noun = if count == 1 { "object" } else { "objects" };
            let name = paint.strong(&component.component);
            let _ = writeln!(text, "{name}  {count} {noun} {verb}");
            for kept in &component.removed.kept {
                let id = plain_line(&kept.id.to_string());
                let _ = writeln!(text, "  kept {id}: {}", plain_line(&kept.reason));
            }
        }
        text
    }
}
