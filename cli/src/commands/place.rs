//! Where a command works: the project, the profile, and the way to its cluster.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use platform::{
    kubeconfig::Location,
    profile::{self, Chosen, Target},
    project::Project,
};

use super::cluster::state_dir;
use crate::{app::Global, error::Error, exit::Exit, project, ui::Ui};

/// Flags of everything that works on a profile.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The profile to work on [default: `RATECTL_PROFILE`, or what `ratectl use` has set, or `dev`]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,

    /// The name of a protected profile, where nobody can type it
    #[arg(long, value_name = "PROFILE")]
    confirm: Option<String>,

    /// The kubeconfig file [default: those of `KUBECONFIG`, or `~/.kube/config`]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    kubeconfig: Option<PathBuf>,
}

/// A place that has been looked up, but not gone to.
#[derive(Debug)]
pub(crate) struct Site {
    /// The project.
    pub(crate) project: Project,
    /// The profile, and who chose it.
    pub(crate) chosen: Chosen,
    /// The kubeconfig file or files.
    pub(crate) kubeconfig: Location,
    /// Where things are remembered between runs.
    pub(crate) state_dir: PathBuf,
}

impl Place {
    /// Looks up the project and the profile; sends nothing. `--confirm` with another name is refused, whatever the command does and
    /// whether or not the profile is protected: who gave it meant another cluster.
    pub(crate) fn look(&self, global: &Global) -> Result<Site, Error> {
        let project = project::open(global)?;
        let state_dir = state_dir();
        let kubeconfig = self.kubeconfig(global)?;
        let chosen = profile::choose(&project, self.profile.as_deref(), &state_dir)?;
        if let Some(confirmed) = self.confirm.as_ref().filter(|name| **name != chosen.profile.name) {
            let (name, origin) = (&chosen.profile.name, &chosen.origin);
            let message = format!("'{confirmed}' was confirmed, but the profile is {name} ({origin})");
            return Err(Error::new(Exit::Refused, message).hint("nothing has been sent"));
        }
        Ok(Site {
            project,
            chosen,
            kubeconfig,
            state_dir,
        })
    }

    /// Whether a profile was named on the command line.
    pub(super) fn is_named(&self) -> bool {
        self.profile.is_some()
    }

    /// The profile's name, if it is protected and nobody has confirmed on the command line that it is meant.
    pub(super) fn unconfirmed<'a>(&self, site: &'a Site) -> Option<&'a str> {
        let profile = &site.chosen.profile;
        let meant = self.confirm.as_ref() == Some(&profile.name);
        (profile.protected && !meant).then_some(profile.name.as_str())
    }

    /// The kubeconfig file or files.
    pub(super) fn kubeconfig(&self, global: &Global) -> Result<Location, Error> {
        let base = global.base()?;
        let kubeconfig = self.kubeconfig.as_ref().map(|file| base.join(file));
        Ok(Location::find(kubeconfig.as_deref()))
    }

    /// Who names the kubeconfig.
    pub(crate) fn kubeconfig_origin(&self) -> &'static str {
        let variable = || std::env::var_os("KUBECONFIG").is_some_and(|files| !files.is_empty());
        match &self.kubeconfig {
            Some(_) => "--kubeconfig",
            None if variable() => "KUBECONFIG",
            None => "default",
        }
    }

    /// Has a person consent to changes of a protected profile. To be asked before anything moves on the screen and before anything is
    /// sent.
    pub(crate) fn guard(&self, ui: &Ui, site: &Site) -> Result<(), Error> {
        let profile = &site.chosen.profile;
        let name = &profile.name;
        // Another name than this one's was refused by `look`.
        if !profile.protected || self.confirm.is_some() {
            return Ok(());
        }
        if !(ui.can_ask() && io::stdin().is_terminal()) {
            let message = format!("profile {name} ({}) is protected", site.chosen.origin);
            return Err(Error::new(Exit::Refused, message).hint(format!(
                "nothing has been sent; `--confirm={name}` says that it is meant"
            )));
        }
        let server = profile.server.as_deref().unwrap_or("the project's own cluster");
        ui.draw(&format!(
            "Profile {name} is protected: this changes {server}.\nType its name to go on: "
        ));
        let mut typed = String::new();
        let read = io::stdin().lock().read_line(&mut typed);
        if read.is_ok() && typed.trim() == name {
            return Ok(());
        }
        Err(
            Error::new(Exit::Refused, format!("the name of profile {name} was not typed"))
                .hint("nothing has been sent"),
        )
    }
}

impl Site {
    /// The way to the profile's cluster, verified; nothing that could change anything has been sent.
    pub(crate) async fn reach(&self) -> Result<Target, Error> {
        let profile = &self.chosen.profile;
        Ok(Target::reach(&self.project, profile, &self.kubeconfig, &self.state_dir).await?)
    }
}
