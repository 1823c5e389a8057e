//! Load on a system: scenarios of k6, run by the k6 that is there.
//!
//! A scenario is a script in the project's folder of them. k6 makes the load and judges the script's thresholds; what it found is read
//! from the summary it writes, not from what it prints.

mod k6;
mod run;
mod scenario;
mod summary;

use std::io;
use std::path::PathBuf;

pub use k6::{INSTALL, K6};
pub use run::{Line, Run};
pub use scenario::{Scenario, find, list};
pub use summary::{Metric, Summary, Threshold};

/// Why no load was made, or nothing is known of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no k6.
    #[error("there is no k6 in PATH and none at {}", place.display())]
    NoK6 {
        /// Where it could lie as well.
        place: PathBuf,
    },
    /// It cannot be started.
    #[error("cannot run {}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder cannot be read.
    #[error("cannot read the scenarios in {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no such scenario.
    #[error("there is no scenario '{name}' in {}", folder.display())]
    NoScenario {
        /// What was asked for.
        name: String,
        /// The folder.
        folder: PathBuf,
        /// Those that there are.
        known: Vec<String>,
    },
    /// k6 ended without making load.
    #[error("k6 could not run {scenario}: {reason}")]
    Failed {
        /// The scenario.
        scenario: String,
        /// What its exit status means.
        reason: String,
        /// The last lines that it wrote to stderr.
        lines: Vec<String>,
    },
    /// Its summary cannot be read.
    #[error("k6 wrote no summary that can be read")]
    Summary {
        /// Why.
        source: io::Error,
    },
}
