//! `ratectl diff`: what a deployment would change, line by line.

use std::fmt::Write as _;

use platform::{
    apply::is_spared,
    deploy::{self, Action, Changes, ObjectChange},
};
use serde::Serialize;

use super::system::System;
use crate::{
    app::Global,
    differences,
    error::Error,
    exit::Exit,
    progress,
    ui::{Paint, Report, Tint, Ui, plain_line},
};

/// Show what a deployment would change, line by line
///
/// The API server is asked how each object would look after it was applied, so defaults and fields of others are no differences.
/// Values of Secrets are not shown. Exits with 0 when nothing would change, with 1 when something would, and with more when
/// the comparison failed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Components to compare [default: all]
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,

    #[command(flatten)]
    system: System,
}

/// Prints the differences; one JSON object with `-o json`.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, false)?;
    let mut differ = false;
    let exit = progress::run(
        ui,
        "Stopping.",
        async |running| {
            let setup = args.system.setup(site, running).await?;
            let mut changes = deploy::diff(&setup, &args.components).await?;
            changes.retain(|changes| !changes.is_empty());
            Ok(Differences { components: changes })
        },
        |found| {
            differ = !found.components.is_empty();
            ui.result(found)
        },
    )?;
    Ok(match exit {
        Exit::Success if differ => Exit::Failure,
        exit => exit,
    })
}

/// All that would change.
#[derive(Debug, Serialize)]
struct Differences {
    components: Vec<Changes>,
}

impl Report for Differences {
    fn text(&self, paint: Paint) -> String {
        if self.components.is_empty() {
            return "Nothing would change.\n".to_owned();
        }
        let mut text = String::new();
        for component in &self.components {
            if !component.build.is_empty() {
                let name = paint.strong(&component.component);
                let _ = writeln!(
                    text,
                    "{name}: its image would be built: {}",
                    plain_line(&component.build)
                );
            }
            for object in &component.objects {
                text += &lines(object, paint);
            }
            text += &differences::text(&component.streams, paint);
        }
        text
    }
}

fn lines(object: &ObjectChange, paint: Paint) -> String {
    let action = match object.action {
        Action::Create => "would be created",
        Action::Change => "would be changed",
        Action::Recreate => "would be deleted and made anew",
        Action::Prune if is_spared(&object.id) => {
            "is not in the manifests any more, and left for what is in it"
        }
        Action::Prune => "is not in the manifests any more; `ratectl deploy --prune` deletes it",
    };
    let mut text = format!(
        "{}: {action}\n",
        paint.strong(&plain_line(&object.id.to_string()))
    );
    // The two lines of the head say what the title does.
    for line in object.diff.lines().skip(2) {
        let line = plain_line(line);
        let painted = match line.chars().next() {
            Some('+') => paint.tint(Tint::Green, &line),
            Some('-') => paint.tint(Tint::Red, &line),
            Some('@') => paint.dim(&line),
            _ => line,
        };
        let _ = writeln!(text, "{painted}");
    }
    text
}
