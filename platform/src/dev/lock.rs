//! One `ratectl dev` a project: a locked file that says who holds it.
//!
//! The kernel releases the lock with the process, however that ends, so nothing has to be cleaned up. A second lock, shared by
//! the guard processes, tells a new run that something of a killed one is still ending.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Error;
use crate::locked_file::{self, LockedFile, Refused};

/// The file's name in the data folder.
pub const FILE: &str = "lock";
/// The name of the file the guards hold.
pub(crate) const GUARDS_FILE: &str = "guards";
/// Guards need their grace and a moment; on a busy machine a long one.
const GUARDS_END_WITHIN: Duration = Duration::from_secs(10);
/// How often their lock is looked at meanwhile.
const POLL: Duration = Duration::from_millis(10);

/// Who runs the project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Since when, in RFC 3339.
    pub started: String,
    /// Where it answers, once that is known.
    pub url: Option<String>,
    /// Its NATS server, once that runs, with credentials if it was given with them.
    pub nats_url: Option<String>,
}

/// The lock, held for as long as this value lives.
#[derive(Debug)]
pub struct Lock {
    file: LockedFile,
    path: PathBuf,
    holder: Holder,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pid == 0 {
            return write!(f, "another ratectl is just starting or stopping");
        }
        write!(f, "ratectl with process id {} since {}", self.pid, self.started)?;
        self.url.as_ref().map_or(Ok(()), |url| write!(f, ", at {url}"))
    }
}

impl Lock {
    /// Takes the lock of a data folder.
    ///
    /// # Errors
    /// [`Error::Locked`] with the holder when another process has it.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        // The URL in it may carry a password: only its owner may read it.
        let file = match LockedFile::take(&path) {
            Ok(file) => file,
            Err(Refused::Held(text)) => return Err(Error::Locked { holder: read(&text) }),
            Err(Refused::Unusable(source)) => return Err(Error::DataDir { path, source }),
        };
        let started = OffsetDateTime::now_utc()
            .replace_nanosecond(0)
            .unwrap_or_else(|_| OffsetDateTime::now_utc());
        let started = started.format(&Rfc3339).unwrap_or_default();
        let holder = Holder {
            pid: std::process::id(),
            started,
            url: None,
            nats_url: None,
        };
        let mut lock = Self { file, path, holder };
        lock.write()?;
        Ok(lock)
    }

    /// Says where the system answers, for a second instance to tell, and where its NATS server is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn publish(&mut self, url: &str, nats_url: &str) -> Result<(), Error> {
        self.holder.url = Some(url.to_owned());
        self.holder.nats_url = Some(nats_url.to_owned());
        self.write()
    }

    fn write(&mut self) -> Result<(), Error> {
        let text = serde_json::to_string(&self.holder).map_err(io::Error::from);
        let written = text.and_then(|text| self.file.write(&text));
        written.map_err(|source| Error::DataDir {
            path: self.path.clone(),
            source,
        })
    }
}

/// Who holds the lock of a data folder; `None` when nobody does.
///
/// # Errors
/// When the file is there and cannot be opened or locked.
pub fn holder(folder: &Path) -> Result<Option<Holder>, Error> {
    let path = folder.join(FILE);
    match locked_file::look(&path) {
        Ok(text) => Ok(text.as_deref().map(read)),
        Err(source) => Err(Error::DataDir { path, source }),
    }
}

/// Waits until no guard of an earlier run is left, and with it nothing that writes to the data.
pub(super) async fn guards_gone(folder: &Path) -> Result<(), Error> {
    let path = folder.join(GUARDS_FILE);
    let unusable = |source| Error::DataDir {
        path: path.clone(),
        source,
    };
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(unusable)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
            Err(TryLockError::WouldBlock) if began.elapsed() > GUARDS_END_WITHIN => {
                return Err(Error::StillEnding { lock: path });
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(POLL).await,
        }
    }
}

/// Empty when the holder is between taking and writing.
fn read(text: &str) -> Holder {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let mut lock = Lock::take(folder.path()).unwrap();
        lock.publish("http://localhost:8080", "nats://127.0.0.1:4222")
            .unwrap();
        let message = Lock::take(folder.path()).unwrap_err().to_string();
        let expected = format!("ratectl with process id {} since 2", std::process::id());
        assert!(
            message.contains(&expected) && message.ends_with("at http://localhost:8080"),
            "{message}"
        );
    }

    #[test]
    fn a_bystander_learns_who_holds_the_lock_while_somebody_does() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()).unwrap(), None);
        let mut lock = Lock::take(folder.path()).unwrap();
        lock.publish("http://localhost:8080", "nats://127.0.0.1:4222")
            .unwrap();
        let seen = holder(folder.path()).unwrap().unwrap();
        assert_eq!(seen.nats_url.as_deref(), Some("nats://127.0.0.1:4222"));
        drop(lock);
        assert_eq!(holder(folder.path()).unwrap(), None);
    }

    #[test]
    fn a_lock_that_is_let_go_can_be_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        drop(Lock::take(folder.path()).unwrap());
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_holder_that_has_not_written_yet_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join(FILE)).unwrap();
        file.lock().unwrap();
        let error = Lock::take(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Locked { holder } if holder == Holder::default()));
    }

    #[tokio::test]
    async fn nothing_starts_before_the_guards_of_an_earlier_run_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        guards_gone(folder.path()).await.unwrap();
        let guard = File::open(folder.path().join(GUARDS_FILE)).unwrap();
        guard.lock_shared().unwrap();
        let mut waiting = Box::pin(guards_gone(folder.path()));
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("it did not wait"),
            () = tokio::task::yield_now() => {}
        }
        drop(guard);
        waiting.await.unwrap();
    }
}
