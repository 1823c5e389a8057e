//! The secret with which nodes join.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;

use super::{Error, Name};
use crate::event::{Step, StepKind};

/// 128 bits that nobody can guess, from the kernel.
pub(super) fn random(cluster: &Name) -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|source| Error::Step {
        step: Step::new(StepKind::Node, cluster.server(0)),
        cause: "the kernel gives no random numbers for its secret".to_owned(),
        log: Vec::new(),
        source: Some(Box::new(source)),
    })?;
    let mut token = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}
