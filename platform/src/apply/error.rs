//! What can go wrong with an apply as a whole.

use std::fmt;

use super::{Change, Failure};
use crate::kubernetes::Cause;

/// Why a component's objects are not all as they should be in the cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Objects were refused. Those of later layers were not tried.
    #[error("cannot apply {}{}", Failures(failures), so_far(applied))]
    Refused {
        /// The component.
        component: String,
        /// The context's name.
        cluster: String,
        /// Each object and why, never empty.
        failures: Vec<Failure>,
        /// What was applied before that; empty when nothing was sent.
        applied: Vec<Change>,
    },
    /// The API server did not answer any more.
    #[error("cannot {operation} in {cluster}{}", so_far(applied))]
    Unreachable {
        /// Such as `apply Deployment rating/proxy`.
        operation: String,
        /// The context's name.
        cluster: String,
        /// What was applied before that.
        applied: Vec<Change>,
        /// Why.
        source: Cause,
    },
    /// What `ratectl` remembers about the component cannot be used, or somebody else is changing it.
    #[error(transparent)]
    Inventory(#[from] crate::inventory::Error),
    /// Somebody pressed Ctrl-C.
    #[error("cancelled{}", so_far(applied))]
    Cancelled {
        /// What was applied before that.
        applied: Vec<Change>,
    },
}

struct Failures<'a>(&'a [Failure]);

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [only] => write!(f, "{only}"),
            all => {
                write!(f, "{} objects", all.len())?;
                for failure in all {
                    write!(f, "\n{failure}")?;
                }
                Ok(())
            }
        }
    }
}

/// What was done before it went wrong, as the end of a sentence.
fn so_far(applied: &[Change]) -> String {
    let written = applied
        .iter()
        .filter(|change| change.verdict.is_written())
        .count();
    match written {
        0 => String::new(),
        1 => " (1 object was applied before that)".to_owned(),
        many => format!(" ({many} objects were applied before that)"),
    }
}
