//! Who works on a cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The process that works on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Since when, in RFC 3339.
    pub since: String,
    /// What it does, such as `create`.
    pub operation: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pid == 0 {
            return f.write_str("another ratectl is just starting or ending");
        }
        write!(
            f,
            "ratectl {} with process id {} since {}",
            self.operation, self.pid, self.since
        )
    }
}
