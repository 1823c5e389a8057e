//! `ratectl history`: the revisions of a component.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use platform::{
    deploy,
    inventory::{Inventory, Revision},
};
use serde::Serialize;

use super::system::System;
use crate::{
    app::Global,
    error::Error,
    exit::Exit,
    progress,
    ui::{Paint, Report, Ui, plain_line},
};

/// Show the last revisions of a component: when, by whom, with which images
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The component
    #[arg(value_name = "COMPONENT")]
    component: String,

    #[command(flatten)]
    system: System,
}

/// Prints the revisions, the newest last.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, false)?;
    progress::run(
        ui,
        "Stopping.",
        async |running| {
            let setup = args.system.setup(site, running).await?;
            Ok(deploy::history(&setup, &args.component).await?)
        },
        |inventory| ui.result(&Revisions::of(inventory)),
    )
}

/// A component's past.
#[derive(Serialize)]
struct Revisions<'a> {
    component: &'a str,
    revisions: Vec<Line<'a>>,
}

/// One revision without its objects.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    time: &'a str,
    by: Option<&'a str>,
    why: &'a str,
    images: &'a BTreeSet<String>,
}

impl<'a> Revisions<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let line = |revision: &'a Revision| Line {
            number: revision.number,
            time: &revision.time,
            by: revision.by.as_deref(),
            why: &revision.why,
            images: &revision.images,
        };
        Self {
            component: &inventory.component,
            revisions: inventory.revisions.iter().map(line).collect(),
        }
    }
}

impl Report for Revisions<'_> {
    fn text(&self, paint: Paint) -> String {
        let mut text = String::new();
        for revision in &self.revisions {
            let number = paint.strong(&revision.number.to_string());
            let by = plain_line(revision.by.unwrap_or("somebody"));
            let (time, why) = (plain_line(revision.time), plain_line(revision.why));
            let _ = writeln!(text, "{number}  {time}  {by}  {why}");
            for image in revision.images {
                let _ = writeln!(text, "   {}", paint.dim(&plain_line(image)));
            }
        }
        text
    }
}
