//! The entry point of a node.
//!
//! It lies where k3d puts its own, and where `k3d cluster start` overwrites it: both prepare the container and run `/bin/k3s`.

use crate::docker::archive::File;

/// Where it lies in the node.
pub(super) const PATH: &str = "/bin/k3d-entrypoint.sh";
/// It also gives pods a name server and tells them to end before the node ends.
const SCRIPT: &str = include_str!("entrypoint.sh");

/// The file for the node.
pub(super) fn file() -> File {
    File {
        path: PATH.into(),
        mode: 0o744,
        contents: SCRIPT.as_bytes().to_vec(),
    }
}
