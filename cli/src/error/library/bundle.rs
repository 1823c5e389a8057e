//! Errors about bundles.

use platform::{bundle, deploy::PlanError};

use super::manifests::{of_chart, of_download, of_manifests};
use super::of;
use crate::{error::Error, exit::Exit};

impl From<bundle::Error> for Error {
    fn from(error: bundle::Error) -> Self {
        use bundle::Error as E;
        let (exit, hint) = match &error {
            E::Cancelled => (Exit::Interrupted, None),
            E::Read { .. } | E::NotBundle { .. } | E::Plan(PlanError::NotDeployable { .. }) => {
                (Exit::Configuration, None)
            }
            E::Manifests { source, .. } => of_manifests(source),
            E::Plan(PlanError::Unknown { .. }) => (Exit::Usage, None),
            E::Newer { .. } => (Exit::Configuration, Some("a newer ratectl can load it")),
            E::Damaged { .. } => (
                Exit::Configuration,
                Some("nothing has been loaded; copy it anew from where it was made"),
            ),
            E::Write { .. } => (Exit::Failure, None),
            E::NoImage { .. } => (
                Exit::Unreachable,
                Some("`cluster.mirrors` says where else images of a registry are"),
            ),
            E::Image { source, .. } | E::Build { source, .. } => (Exit::Build, super::image::hint(source)),
            E::Unsupported { .. } | E::Altered { .. } => (Exit::Build, None),
            E::Download { source, .. } => of_download(source),
            E::Chart { source, .. } => of_chart(source),
        };
        of(exit, error, hint)
    }
}
