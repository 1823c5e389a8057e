//! A file that one process holds at a time, and in which it says who it is.
//!
//! The kernel releases the lock with the process, however that ends, so nothing has to be cleaned up.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// How often a lock is tried that somebody may only be looking at.
const GLANCES: u32 = 5;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// A file, locked for as long as this value lives.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
}

/// Why a file could not be locked.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Another process holds it, and wrote this into it; empty when it has not yet.
    Held(String),
    /// It cannot be opened or locked.
    Unusable(io::Error),
}

impl LockedFile {
    /// Locks the file, which is made when it is missing; readable by its owner only.
    pub(crate) fn take(path: &Path) -> Result<Self, Refused> {
        let mut options = File::options();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let mut file = options.open(path).map_err(Refused::Unusable)?;
        match try_lock(&file) {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(Refused::Held(read(&mut file))),
            Err(TryLockError::Error(source)) => Err(Refused::Unusable(source)),
        }
    }

    /// Replaces what the file says.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

/// What the holder of a file wrote into it; `None` when nobody holds it.
pub(crate) fn look(path: &Path) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(read(&mut file))),
        Err(TryLockError::Error(source)) => Err(source),
    }
}

/// Tries a few times: [`look`] takes the lock too, for a moment.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..GLANCES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
    file.try_lock()
}

fn read(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    read.map_or_else(|_| String::new(), |_| text)
}
