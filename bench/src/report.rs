//! Everything one run found: the JSON file, and what the table is made from.

mod table;

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::Error;
use crate::feed::FeedResult;
use crate::host::Host;
use crate::measure::{Round, medians};
use crate::plan::Plan;

/// (b) must reach this part of (a)'s throughput at 64 connections.
pub const THROUGHPUT_BAR: f64 = 0.55;
/// (b)'s median latency at one connection may be this many times (a)'s.
pub const LATENCY_BAR: f64 = 1.6;

/// Everything one run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The command that made it.
    pub command: String,
    /// Where.
    pub host: Host,
    /// How long and how often.
    pub plan: Plan,
    /// Every system under every load.
    pub rows: Vec<Row>,
    /// (b) against (a).
    pub comparisons: Vec<Comparison>,
    /// Memory of the proxy before and after.
    pub growths: Vec<Growth>,
    /// The live feed.
    pub feeds: Vec<FeedResult>,
}

/// One system under one load.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Which system.
    pub system: &'static str,
    /// Connections, or the rate of an open loop.
    pub load: &'static str,
    /// Medians over the rounds.
    pub median: Round,
    /// The rounds themselves, in order.
    pub rounds: Vec<Round>,
}

/// A figure of (b) divided by that of (a), round by round, and the median of it.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// What is divided.
    pub what: &'static str,
    /// One ratio a round.
    pub rounds: Vec<f64>,
    /// Their median.
    pub ratio: f64,
    /// What is wanted, for people.
    pub bar: String,
    /// Whether it is reached.
    pub reached: bool,
}

/// Memory of the proxy around many requests.
#[derive(Debug, Serialize)]
pub struct Growth {
    /// What kind of requests.
    pub what: &'static str,
    /// How many of them.
    pub requests: u64,
    /// Memory held once warm, MiB.
    pub before_mib: f64,
    /// Memory held afterwards, MiB.
    pub after_mib: f64,
    /// Answers by status or reason.
    pub outcomes: std::collections::BTreeMap<String, u64>,
}

impl Row {
    /// A row out of its rounds.
    pub fn new(system: &'static str, load: &'static str, rounds: Vec<Round>) -> Self {
        Self {
            system,
            load,
            median: medians(&rounds),
            rounds,
        }
    }
}

impl Report {
    /// Writes the JSON file, making its folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Write {
            what: path.display().to_string(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        std::fs::write(path, text).map_err(failed)
    }

    /// Writes the table people read.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    pub fn print(&self, out: &mut impl Write) -> Result<(), Error> {
        table::write(self, out).map_err(|source| Error::Write {
            what: "the table".into(),
            source,
        })
    }
}
