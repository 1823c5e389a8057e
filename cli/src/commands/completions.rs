//! `ratectl completions`: a script that teaches a shell to complete `ratectl`.

use clap_complete::Shell;

use crate::{app, error::Error, exit::Exit, ui::Ui};

/// Print a completion script for a shell
///
/// For bash: `ratectl completions bash > ~/.local/share/bash-completion/completions/ratectl`.
/// For zsh: `ratectl completions zsh > "${fpath[1]}/_ratectl"`.
/// For fish: `ratectl completions fish > ~/.config/fish/completions/ratectl.fish`.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script to stdout.
pub(crate) fn run(ui: &Ui, args: &Args) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut app::command(), "ratectl", &mut script);
    ui.raw(&script)?;
    Ok(Exit::Success)
}
