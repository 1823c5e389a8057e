//! `ratectl man`: manual pages made from the same descriptions as `--help`.

use std::fs;
use std::path::{Path, PathBuf};

use clap_mangen::Man;

use crate::{app, error::Error, exit::Exit, ui::Ui};

/// Print the manual page, or write one page a command into a folder
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write `ratectl.1`, `ratectl-dev.1` and so on into DIR, which is made if missing
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

/// Writes the pages.
pub(crate) fn run(ui: &Ui, args: &Args, directory: &Path) -> Result<Exit, Error> {
    match &args.out {
        None => ui.raw(&page(app::command())?)?,
        Some(out) => {
            let out = directory.join(out);
            write_all(&out)?;
            ui.status(format!("Wrote the manual pages to {}.", out.display()));
        }
    }
    Ok(Exit::Success)
}

/// One page for the program and one for every command that shows in the help.
fn write_all(out: &Path) -> Result<(), Error> {
    fs::create_dir_all(out)
        .and_then(|()| clap_mangen::generate_to(app::command(), out))
        .map_err(|error| {
            Error::new(
                Exit::Failure,
                format!("cannot write manual pages into {}", out.display()),
            )
            .caused_by(error)
        })
}

fn page(command: clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| Error::new(Exit::Failure, "cannot make the manual page").caused_by(error))?;
    Ok(page)
}
