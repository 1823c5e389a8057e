//! `ratectl aliases`: names of one word for what is typed most, those of the shell functions that came before ratectl.

use platform::project::Project;
use serde::Serialize;

use crate::{
    app::Global,
    error::Error,
    exit::Exit,
    project,
    ui::{Paint, Report, Ui},
};

/// The names that every project has.
const COMMON: [(&str, &str); 6] = [
    ("create-cluster", "create-cluster"),
    ("start-cluster", "start-cluster"),
    ("stop-cluster", "stop-cluster"),
    ("delete-cluster", "delete-cluster"),
    ("load_config", "use"),
    ("deploy-all", "deploy all"),
];

/// The component that requests come in through.
const GATEWAY: &str = "gateway";

/// Print shell aliases: one word for what is typed most
///
/// `create-cluster`, `load_config dev` (which is `ratectl use dev`), `deploy-all`, and `deploy-NAME` for every component of `ratectl.yaml`
/// and every other name it has. For bash and zsh: `eval "$(ratectl -C PROJECT aliases)"`, in ~/.bashrc or ~/.zshrc too; for fish:
/// `ratectl -C PROJECT aliases | source`. The aliases work on the project of the folder they are used in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Writes the aliases to stdout.
pub(crate) fn run(ui: &Ui, _: &Args, global: &Global) -> Result<Exit, Error> {
    ui.result(&Aliases::of(&project::open(global)?))?;
    Ok(Exit::Success)
}

/// All of them.
#[derive(Serialize)]
struct Aliases {
    aliases: Vec<Alias>,
}

/// A name and what it stands for.
#[derive(Serialize)]
struct Alias {
    name: String,
    command: String,
}

impl Aliases {
    fn of(project: &Project) -> Self {
        let alias = |name: &str, arguments: &str| Alias {
            name: name.to_owned(),
            command: format!("ratectl {arguments}"),
        };
        let mut aliases: Vec<Alias> = COMMON
            .iter()
            .map(|(name, arguments)| alias(name, arguments))
            .collect();
        let deployed = project
            .components
            .iter()
            .filter(|component| component.deployment.is_some());
        for component in deployed {
            let names = std::iter::once(&component.name).chain(&component.aliases);
            aliases.extend(
                names.map(|name| alias(&format!("deploy-{name}"), &format!("deploy {}", component.name))),
            );
            if component.name == GATEWAY {
                aliases.push(alias("port-forward-gateway", "port-forward gateway"));
            }
        }
        Self { aliases }
    }
}

impl Report for Aliases {
    fn text(&self, _: Paint) -> String {
        let lines = self
            .aliases
            .iter()
            .map(|alias| format!("alias {}='{}'\n", alias.name, alias.command));
        lines.collect()
    }
}
