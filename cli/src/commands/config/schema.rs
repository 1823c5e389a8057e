//! `ratectl config schema`: what a project file may say.

use platform::project;

use crate::{error::Error, exit::Exit, ui::Ui};

/// Print the JSON Schema of `ratectl.yaml`
///
/// Editors check and complete a file whose first line is `# yaml-language-server: $schema=FILE`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the reference for people, in Markdown, instead
    #[arg(long)]
    reference: bool,
}

/// Writes it to stdout.
pub(crate) fn run(ui: &Ui, args: &Args) -> Result<Exit, Error> {
    let text = if args.reference {
        project::reference()
    } else {
        project::schema_text()
    };
    ui.raw(text.as_bytes())?;
    Ok(Exit::Success)
}
