//! `ratectl use`: which profile commands work on when none is named.

use platform::{
    profile::{self, Chosen, Memory},
    project::Project,
};
use serde::Serialize;

use super::cluster::state_dir;
use crate::{
    app::Global,
    error::Error,
    exit::Exit,
    project,
    ui::{Paint, Report, Table, Ui},
};

/// Show or set the profile that commands work on
///
/// `--profile` and then `RATECTL_PROFILE` are stronger. What is set holds for this project and for you, until `--clear`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile to use from now on
    #[arg(value_name = "PROFILE", conflicts_with = "clear")]
    profile: Option<String>,

    /// Use none in particular any more
    #[arg(long)]
    clear: bool,

    /// Forget which cluster PROFILE was seen with: the next contact decides anew
    #[arg(long, requires = "profile")]
    forget: bool,
}

/// Does what is asked, and shows what holds then.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let project = project::open(global)?;
    let state_dir = state_dir();
    let memory = Memory::of(&state_dir, &project.root);
    if args.clear {
        memory.clear_used()?;
    }
    if let Some(name) = &args.profile {
        let chosen = profile::choose(&project, Some(name), &state_dir)?;
        if args.forget {
            forget(ui, &memory, &chosen)?;
        } else {
            memory.set_used(&chosen.profile.name)?;
        }
    }
    let profiles = Known::of(&project, profile::choose(&project, None, &state_dir), &memory)?;
    ui.result(&profiles)?;
    ui.status(profiles.closing());
    Ok(Exit::Success)
}

fn forget(ui: &Ui, memory: &Memory, chosen: &Chosen) -> Result<(), Error> {
    let name = &chosen.profile.name;
    let known = memory.forget(name)?;
    ui.status(if known {
        format!("The next contact decides which cluster is that of profile {name}.")
    } else {
        format!("Profile {name} has been seen with no cluster.")
    });
    Ok(())
}

/// The profiles of a project, and the one in effect.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    /// In effect.
    profile: Option<String>,
    /// Who chose it; why nobody does.
    origin: String,
    profiles: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    context: String,
    server: Option<String>,
    /// Of the cluster that it was seen with.
    uid: Option<String>,
    protected: bool,
}

impl Known {
    fn of(project: &Project, chosen: Result<Chosen, profile::Error>, memory: &Memory) -> Result<Self, Error> {
        let own = project.cluster.cluster_name(None)?.context();
        let rows = project.profiles.iter().map(|profile| {
            let seen = memory.seen_uid(&profile.name)?;
            Ok(Row {
                name: profile.name.clone(),
                context: profile.context.clone().unwrap_or_else(|| own.clone()),
                server: profile.server.clone(),
                uid: profile.uid.clone().or(seen),
                protected: profile.protected,
            })
        });
        let profiles = rows.collect::<Result<_, Error>>()?;
        Ok(match chosen {
            Ok(chosen) => Self {
                profile: Some(chosen.profile.name),
                origin: chosen.origin.to_string(),
                profiles,
            },
            Err(error) => Self {
                profile: None,
                origin: error.to_string(),
                profiles,
            },
        })
    }
}

impl Report for Known {
    fn text(&self, _: Paint) -> String {
        let mut table = Table::with_heading(["", "PROFILE", "CONTEXT", "SERVER", "CLUSTER", ""]);
        for row in &self.profiles {
            let used = self.profile.as_ref() == Some(&row.name);
            table.row([
                if used { "*" } else { "" }.to_owned(),
                row.name.clone(),
                row.context.clone(),
                row.server.clone().unwrap_or_else(|| "-".to_owned()),
                row.uid.clone().unwrap_or_else(|| "not seen yet".to_owned()),
                if row.protected { "protected" } else { "" }.to_owned(),
            ]);
        }
        table.text()
    }
}

impl Known {
    fn closing(&self) -> String {
        match &self.profile {
            Some(name) => format!("Profile {name} is used ({}).", self.origin),
            None => format!("No profile is used: {}.", self.origin),
        }
    }
}
