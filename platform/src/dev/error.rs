//! What can keep a system from running on this machine.

use std::path::PathBuf;

use super::lock::Holder;
use crate::{nats_server, streams};

/// Why `ratectl dev` cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another `ratectl dev` runs this project.
    #[error("this project is already running: {holder}")]
    Locked {
        /// The one that does.
        holder: Holder,
    },
    /// What an earlier `ratectl dev` started is still ending.
    #[error("what an earlier run started has not ended yet; it holds {}", lock.display())]
    StillEnding {
        /// The file that its guard processes hold.
        lock: PathBuf,
    },
    /// The folder for data cannot be made or written.
    #[error("cannot use {} for data", path.display())]
    DataDir {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why: permissions, or a full disk.
        source: std::io::Error,
    },
    /// There is no nats-server to run.
    #[error("cannot start a NATS server")]
    NatsServer(#[from] nats_server::Error),
    /// The port that was asked for is in use.
    #[error("cannot start a NATS server on port {port}")]
    NatsPort {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// nats-server ended, or does not get ready.
    #[error("nats-server does not get ready: {reason}{}", log_text(log))]
    NatsNotReady {
        /// What became of it.
        reason: String,
        /// Its last lines.
        log: Vec<String>,
    },
    /// The streams could not be made as defined.
    #[error("cannot set up the streams")]
    Streams(#[from] streams::Error),
}

fn log_text(log: &[String]) -> String {
    if log.is_empty() {
        String::new()
    } else {
        format!("; its last lines:\n{}", log.join("\n"))
    }
}
