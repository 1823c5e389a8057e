//! Errors about manifests, and about what comes from elsewhere for them.

use platform::{chart, download, manifest};

use super::of;
use crate::{error::Error, exit::Exit};

impl From<manifest::Error> for Error {
    fn from(error: manifest::Error) -> Self {
        let (exit, hint) = of_manifests(&error);
        of(exit, error, hint)
    }
}

/// How the program ends because of manifests, and what helps.
pub(super) fn of_manifests(error: &manifest::Error) -> (Exit, Option<&'static str>) {
    match error {
        manifest::Error::Download { source, .. } => of_download(source),
        manifest::Error::Chart { source, .. } => of_chart(source),
        _ => (Exit::Configuration, None),
    }
}

/// The same about a chart.
pub(super) fn of_chart(error: &chart::Error) -> (Exit, Option<&'static str>) {
    match error {
        chart::Error::Download(source) => of_download(source),
        chart::Error::NoHelm => (
            Exit::Configuration,
            Some("install it: https://helm.sh/docs/intro/install"),
        ),
        _ => (Exit::Configuration, None),
    }
}

/// The same about a file from elsewhere.
pub(super) fn of_download(error: &download::Error) -> (Exit, Option<&'static str>) {
    use download::Error as E;
    match error {
        E::Offline { .. } => (
            Exit::Unreachable,
            Some("`ratectl bundle load FILE` brings it from a bundle"),
        ),
        E::Unanswered { .. } | E::Refused { .. } | E::Silent { .. } => (
            Exit::Unreachable,
            Some(
                "it is fetched once and then kept; `ratectl bundle create` on a machine that reaches it and `ratectl bundle load` here bring it too",
            ),
        ),
        E::Mismatch { .. } => (
            Exit::Configuration,
            Some("somebody has changed the file, or the checksum in ratectl.yaml is another version's"),
        ),
        E::NoSum { .. } | E::Url { .. } => (Exit::Configuration, None),
        _ => (Exit::Unreachable, None),
    }
}
