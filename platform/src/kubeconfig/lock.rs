//! Locks beside the files, after client-go: who creates `<file>.lock` may write `<file>`.
//!
//! kubectl's locks are empty. Ours say who holds them, and are locked by the kernel too: when the process is gone, however it
//! ended, the kernel's lock is gone as well, and whoever gets that may take the file away.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Error, file};

/// How often a lock is tried while somebody else has it.
const POLL: Duration = Duration::from_millis(5);

/// Who has a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A process of ours.
    Ratectl {
        /// Its process id.
        pid: u32,
        /// The machine it runs on.
        host: String,
        /// Since when, in RFC 3339.
        since: String,
    },
    /// Another program, which does not say so.
    Other {
        /// For how long, if the clock knows.
        age: Option<Duration>,
    },
}

/// What is in a lock of ours.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    ratectl: u32,
    host: String,
    since: String,
}

/// Locks of several files, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Locks(#[expect(dead_code, reason = "held, not read")] Vec<Lock>);

#[derive(Debug)]
struct Lock {
    path: PathBuf,
    file: File,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratectl { pid, host, since } => {
                let shown = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
                let (host, since) = (shown(host), shown(since));
                write!(f, "ratectl with process id {pid} on {host} since {since}")
            }
            Self::Other { age: Some(age) } => {
                write!(
                    f,
                    "another program (such as kubectl) since {} s ago",
                    age.as_secs()
                )
            }
            Self::Other { age: None } => f.write_str("another program, such as kubectl"),
        }
    }
}

impl Locks {
    /// Takes the locks of all these files, in an order that is the same for everybody, or none.
    pub(super) fn take(files: &[PathBuf], patience: Duration) -> Result<Self, Error> {
        let deadline = Instant::now() + patience;
        let mut places: Vec<(PathBuf, &PathBuf)> = Vec::new();
        for path in files {
            // kubectl locks the name it was given; another of ours may come by another name to the same file.
            places.push((beside(path), path));
            places.push((beside(&file::resolve(path)?), path));
        }
        places.sort();
        places.dedup_by(|a, b| a.0 == b.0);
        let locks = places
            .into_iter()
            .map(|(lock, path)| Lock::take(lock, path, deadline));
        Ok(Self(locks.collect::<Result<_, _>>()?))
    }
}

impl Lock {
    fn take(path: PathBuf, of: &Path, deadline: Instant) -> Result<Self, Error> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            file::make_folder(folder)?;
        }
        loop {
            match create(&path) {
                Ok(file) => return Ok(Self { path, file }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::io("lock", of)(source)),
            }
            if clear_stale(&path) {
                continue;
            }
            if Instant::now() >= deadline {
                return Err(Error::Locked {
                    path: of.to_owned(),
                    holder: holder(&path),
                    lock: path,
                });
            }
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Lock {
    /// Takes the file away, unless somebody has done so and put their own in its place.
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Makes the lock, held by the kernel and with its note in it from its first moment where the file system can.
fn create(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    match create_unnamed(path) {
        Ok(file) => return Ok(file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Not every file system has files without a name.
        Err(_) => {}
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let noted = sign(&mut file);
    if noted.is_err() {
        drop(fs::remove_file(path));
    }
    noted.map(|()| file)
}

#[cfg(target_os = "linux")]
fn create_unnamed(path: &Path) -> io::Result<File> {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::os::fd::AsRawFd as _;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mut file = File::from(open(
        folder.unwrap_or(Path::new(".")),
        flags,
        Mode::RUSR | Mode::WUSR,
    )?);
    sign(&mut file)?;
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    Ok(file)
}

/// Locks the file and writes who does.
fn sign(file: &mut File) -> io::Result<()> {
    match file.try_lock() {
        // Where the kernel cannot lock, the file is a lock that does not tell when it is stale.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::AlreadyExists.into()),
    }
    let since = OffsetDateTime::now_utc();
    let note = Note {
        ratectl: std::process::id(),
        host: host(),
        since: since
            .replace_nanosecond(0)
            .unwrap_or(since)
            .format(&Rfc3339)
            .unwrap_or_default(),
    };
    file.write_all(&serde_json::to_vec(&note)?)
}

/// Removes a lock of ours whose process is gone. Whether to try again at once.
fn clear_stale(path: &Path) -> bool {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    };
    let Some(note) = read(&mut file) else { return false };
    // Another machine's kernel keeps its own locks.
    if note.host != host() || file.try_lock().is_err() {
        return false;
    }
    // Another process may have been here first, and a third one's lock may be in its place: only what we hold is removed.
    !is_at(&file, path) || fs::remove_file(path).is_ok()
}

/// The lock beside a file, if there is one, and who holds it.
pub(super) fn beside_held(path: &Path) -> Option<(PathBuf, Holder)> {
    let lock = beside(path);
    fs::symlink_metadata(&lock).is_ok().then(|| {
        let holder = holder(&lock);
        (lock, holder)
    })
}

fn holder(path: &Path) -> Holder {
    let note = File::open(path).ok().and_then(|mut file| read(&mut file));
    if let Some(Note {
        ratectl: pid,
        host,
        since,
    }) = note
    {
        return Holder::Ratectl { pid, host, since };
    }
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
    Holder::Other { age }
}

fn read(file: &mut File) -> Option<Note> {
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(theirs)) => identity(ours) == identity(theirs),
        _ => false,
    }
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn beside(path: &Path) -> PathBuf {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    PathBuf::from(lock)
}

#[cfg(test)]
mod tests;
