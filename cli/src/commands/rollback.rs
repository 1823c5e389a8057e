//! `ratectl rollback`: a component as it was before.

use std::fmt::Write as _;
use std::time::Duration;

use platform::{
    apply::RolledBack,
    deploy::{self, Return},
};
use serde::Serialize;

use super::cluster::duration;
use super::system::{System, command_line, person};
use crate::{
    app::Global,
    error::Error,
    exit::Exit,
    progress,
    ui::{Paint, Report, Ui, plain_line},
};

/// Apply an earlier revision of a component again
///
/// `ratectl history` shows the revisions. The same objects with the same images are applied as a new revision; Secrets stay as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The component
    #[arg(value_name = "COMPONENT")]
    component: String,

    /// The revision to go back to [default: the one before the newest]
    #[arg(long, value_name = "NUMBER")]
    to: Option<u64>,

    /// Only say what would change
    #[arg(long)]
    dry_run: bool,

    /// Give the rollout this much time, such as 90s or 5m [default: `wait:` of the component, or 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,

    #[command(flatten)]
    system: System,
}

/// Goes back, and says to what.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, !args.dry_run)?;
    let back = Return {
        to: args.to,
        dry_run: args.dry_run,
        timeout: args.timeout,
        why: command_line(),
        by: person(),
    };
    progress::run(
        ui,
        super::deploy::ON_SIGNAL,
        async |running| {
            let setup = args.system.setup(site, running).await?;
            let back = deploy::rollback(&setup, &args.component, &back).await?;
            Ok(Back {
                dry_run: args.dry_run,
                back,
            })
        },
        |back| ui.result(back),
    )
}

/// The way back that was gone, or would be.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Back {
    dry_run: bool,
    #[serde(flatten)]
    back: RolledBack,
}

impl Report for Back {
    fn text(&self, paint: Paint) -> String {
        let back = &self.back;
        let revision = paint.strong(&format!("revision {}", back.to));
        let changes = super::deploy::page::objects(&back.applied.changes);
        let changes = if changes.is_empty() {
            "nothing to change".to_owned()
        } else {
            changes.join("; ")
        };
        let where_to = if self.dry_run {
            "Would go back to"
        } else {
            "Back at"
        };
        let mut text = format!("{where_to} {revision}: {changes}\n");
        for secret in &back.untouched_secrets {
            let _ = writeln!(text, "  {} stays as it is", plain_line(&secret.to_string()));
        }
        text
    }
}
