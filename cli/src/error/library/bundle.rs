//! Errors about bundles.

use platform::{bundle, chart, deploy::PlanError, download, manifest};

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
            E::Manifests { source, .. } => match &**source {
                manifest::Error::Download { source, .. } => (Exit::Unreachable, of_download(source)),
                _ => (Exit::Configuration, None),
            },
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
            E::Download { source, .. } => (Exit::Unreachable, of_download(source)),
            E::Chart { source, .. } => match &**source {
                chart::Error::Download(source) => (Exit::Unreachable, of_download(source)),
                _ => (Exit::Configuration, None),
            },
        };
        of(exit, error, hint)
    }
}

fn of_download(error: &download::Error) -> Option<&'static str> {
    match error {
        download::Error::Offline { .. } => Some("`ratectl bundle load FILE` brings it from a bundle"),
        download::Error::Mismatch { .. } => {
            Some("somebody has changed the file, or the checksum in ratectl.yaml is another version's")
        }
        _ => None,
    }
}
