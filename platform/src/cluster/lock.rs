//! One operation at a time on a cluster of an engine, among the processes of one person.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::context::Context;
use super::steps::Running;
use super::{Error, Holder, Name, Setup};
use crate::event::{Outcome, Step, StepKind};
use crate::locked_file::{LockedFile, Refused};

/// How often the lock of somebody else is tried.
const POLL: Duration = Duration::from_millis(100);
/// Longer than every operation by itself.
const LIMIT: Duration = Duration::from_mins(30);

/// Takes the lock, waiting for it when `wait` says so. It is let go with the value, or with the process however that ends.
pub(super) async fn take(cx: &Context<'_>, operation: &str, wait: bool) -> Result<LockedFile, Error> {
    let name = cx.name;
    let path = path(cx.setup, name);
    let unusable = |source| Error::LockFile {
        name: name.clone(),
        path: path.clone(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unusable)?;
    }
    match LockedFile::take(&path) {
        Ok(file) => return signed(file, operation).map_err(unusable),
        Err(Refused::Unusable(source)) => return Err(unusable(source)),
        Err(Refused::Held(text)) if !wait => {
            return Err(Error::Locked {
                name: name.clone(),
                holder: holder(&text),
            });
        }
        Err(Refused::Held(_)) => {}
    }
    let step = Step::new(StepKind::Lock, name.as_str());
    let waiting = async |running: &Running| loop {
        match LockedFile::take(&path) {
            Ok(file) => return Ok((Outcome::Verified, signed(file, operation).map_err(unusable)?)),
            Err(Refused::Unusable(source)) => return Err(unusable(source)),
            Err(Refused::Held(text)) => running.waiting(holder(&text).to_string()),
        }
        tokio::time::sleep(POLL).await;
    };
    cx.steps.run(step, LIMIT, waiting).await
}

/// One file for each engine and cluster.
fn path(setup: &Setup, name: &Name) -> PathBuf {
    let digest = Sha256::digest(setup.engine.endpoint().address.as_bytes());
    let mut engine = String::new();
    for byte in &digest[..6] {
        // Writing to a string cannot fail.
        let _ = write!(engine, "{byte:02x}");
    }
    setup
        .state_dir
        .join("clusters")
        .join(format!("{engine}-{name}.lock"))
}

fn signed(mut file: LockedFile, operation: &str) -> Result<LockedFile, std::io::Error> {
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(0).unwrap_or(now);
    let holder = Holder {
        pid: std::process::id(),
        since: now.format(&Rfc3339).unwrap_or_default(),
        operation: operation.to_owned(),
    };
    file.write(&serde_json::to_string(&holder)?)?;
    Ok(file)
}

/// Empty when the holder is between taking and writing.
fn holder(text: &str) -> Holder {
    serde_json::from_str(text).unwrap_or_default()
}
