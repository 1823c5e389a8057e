//! Which profile is meant, and who said so.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Error, Memory};
use crate::project::Project;
use crate::project::deployment::Profile;

/// The variable that names a profile.
pub(super) const VARIABLE: &str = "RATECTL_PROFILE";
/// The profile that is meant when nobody says one.
const DEFAULT: &str = "dev";

/// A profile and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The profile.
    pub profile: Profile,
    /// Who chose it.
    pub origin: Origin,
}

/// Who chose a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// `--profile`.
    Flag,
    /// `RATECTL_PROFILE`.
    Variable,
    /// `ratectl use`, which left this file.
    Used(PathBuf),
    /// Nobody: it is called `dev`.
    Default,
    /// Nobody: there is no other.
    Only,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--profile"),
            Self::Variable => f.write_str(VARIABLE),
            Self::Used(_) => f.write_str("ratectl use"),
            Self::Default => f.write_str("default"),
            Self::Only => f.write_str("the only profile"),
        }
    }
}

/// The profile that is meant: that of the flag, or of the variable `RATECTL_PROFILE`, or the one that `ratectl use` named, or the only
/// one, or `dev`.
///
/// # Errors
/// When the name is that of no profile, when nobody says which of several, or when the state folder cannot be read.
pub fn choose(project: &Project, flag: Option<&str>, state_dir: &Path) -> Result<Chosen, Error> {
    let variable = std::env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned());
    choose_of(project, flag, variable, &Memory::of(state_dir, &project.root))
}

fn choose_of(
    project: &Project,
    flag: Option<&str>,
    variable: Option<String>,
    memory: &Memory,
) -> Result<Chosen, Error> {
    let variable = variable.filter(|name| !name.is_empty());
    let (name, origin) = if let Some(flag) = flag {
        (flag.to_owned(), Origin::Flag)
    } else if let Some(variable) = variable {
        (variable, Origin::Variable)
    } else if let Some(used) = memory.used()? {
        (used, Origin::Used(memory.used_file()))
    } else if let [only] = project.profiles.as_slice() {
        (only.name.clone(), Origin::Only)
    } else if project.profile(DEFAULT).is_some() {
        (DEFAULT.to_owned(), Origin::Default)
    } else {
        return Err(Error::Undecided {
            file: project.file.clone(),
            profiles: project
                .profiles
                .iter()
                .map(|profile| profile.name.clone())
                .collect(),
        });
    };
    match project.profile(&name) {
        Some(profile) => Ok(Chosen {
            profile: profile.clone(),
            origin,
        }),
        None => Err(Error::Unknown {
            advice: project.profile_advice(&name),
            file: project.file.clone(),
            name,
            origin,
        }),
    }
}

/// The profile of the project's own cluster, for what has no business anywhere else: `chosen` if it is one, or else the first of the
/// file; one without overlays if the file has none.
pub fn own(project: &Project, chosen: Option<&Profile>) -> Profile {
    let mut candidates = chosen.into_iter().chain(&project.profiles);
    let own = candidates.find(|profile| profile.context.is_none());
    own.cloned().unwrap_or_else(|| Profile {
        name: DEFAULT.to_owned(),
        ..Profile::default()
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn project(names: &[&str]) -> Project {
        let profile = |name: &&str| Profile {
            name: (*name).to_owned(),
            ..Profile::default()
        };
        Project {
            root: PathBuf::from("/p"),
            profiles: names.iter().map(profile).collect(),
            ..Project::default()
        }
    }

    #[test_case(&["dev", "prod"], Some("prod"), Some("dev"), Some("dev") => ("prod".into(), "--profile".into()); "the flag wins")]
    #[test_case(&["dev", "prod"], None, Some("prod"), Some("dev") => ("prod".into(), "RATECTL_PROFILE".into()); "then the variable")]
    #[test_case(&["dev", "prod"], None, Some(""), Some("prod") => ("prod".into(), "ratectl use".into()); "then what was recorded")]
    #[test_case(&["x", "dev"], None, None, None => ("dev".into(), "default".into()); "then dev")]
    #[test_case(&["x"], None, None, None => ("x".into(), "the only profile".into()); "the only one")]
    fn the_strongest_voice_counts(
        names: &[&str],
        flag: Option<&str>,
        variable: Option<&str>,
        used: Option<&str>,
    ) -> (String, String) {
        let state = tempfile::tempdir().unwrap();
        let memory = Memory::of(state.path(), Path::new("/p"));
        if let Some(used) = used {
            memory.set_used(used).unwrap();
        }
        let chosen = choose_of(&project(names), flag, variable.map(str::to_owned), &memory).unwrap();
        (chosen.profile.name, chosen.origin.to_string())
    }

    #[test_case(&["a", "b"], None => "which profile? there are a, b in ratectl.yaml"; "nobody says")]
    #[test_case(&["dev", "prod"], Some("prdo") => "there is no profile 'prdo' (--profile) in ratectl.yaml; did you mean 'prod'?"; "misspelt")]
    fn a_profile_that_is_not_meant_is_not_taken(names: &[&str], flag: Option<&str>) -> String {
        let state = tempfile::tempdir().unwrap();
        let memory = Memory::of(state.path(), Path::new("/p"));
        let mut project = project(names);
        project.file = PathBuf::from("ratectl.yaml");
        choose_of(&project, flag, None, &memory).unwrap_err().to_string()
    }

    #[test]
    fn the_own_cluster_has_a_profile_whichever_is_chosen() {
        let mut project = project(&["prod", "dev", "ha"]);
        project.profiles[0].context = Some("far".to_owned());
        let prod = project.profiles[0].clone();
        assert_eq!(own(&project, Some(&prod)).name, "dev");
        let ha = project.profiles[2].clone();
        assert_eq!(own(&project, Some(&ha)).name, "ha");
        project.profiles.truncate(1);
        assert_eq!(
            own(&project, None),
            Profile {
                name: "dev".to_owned(),
                ..Profile::default()
            }
        );
    }
}
