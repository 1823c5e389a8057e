//! Who made a cluster.

use std::fmt;

use serde::Serialize;

/// Who made a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Maker {
    /// We did: its containers carry our label.
    Ratectl,
    /// k3d, or somebody who gave containers its labels; with the version that a label names.
    K3d(Option<String>),
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Maker::Ratectl => f.write_str("ratectl"),
            Maker::K3d(None) => f.write_str("k3d"),
            Maker::K3d(Some(version)) => write!(f, "k3d {version}"),
        }
    }
}
