//! Which project a command is about.

use platform::project::{self, Project};

use crate::{app::Global, error::Error};

/// The project given by `--project`, or the one found from the folder the command runs in.
pub(crate) fn open(global: &Global) -> Result<Project, Error> {
    let base = global.base()?;
    let file = match &global.project {
        Some(file) => base.join(file),
        None => project::find(&base)?,
    };
    Ok(Project::load(&file)?)
}

/// As [`open`], for commands that do without a project: `None` when none was given and none is found.
pub(crate) fn described(global: &Global) -> Result<Option<Project>, Error> {
    let base = global.base()?;
    let file = match &global.project {
        Some(file) => base.join(file),
        None => match project::find(&base) {
            Ok(file) => file,
            Err(project::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Some(Project::load(&file)?))
}
