//! Digests of files. Those of files that did not change are remembered, so that asking again costs no reading.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::num::NonZero;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::failed;
use crate::image::Error;
use crate::image::hash::{hex, replace};

/// The folder in the state folder.
const FOLDER: &str = "images/files";
/// A file that was changed less than this ago may be changed again without looking different.
const FRESH: Duration = Duration::from_secs(2);
/// Hexadecimal digits that are kept.
const DIGITS: usize = 32;

/// By what a file that did not change is known. Its content cannot be written without a new change time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Bytes.
    #[serde(rename = "s")]
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    #[serde(rename = "m")]
    modified: i64,
    /// The same for the inode.
    #[serde(rename = "c")]
    changed: i64,
    #[serde(rename = "i")]
    inode: u64,
    #[serde(rename = "d")]
    device: u64,
    #[serde(rename = "p")]
    mode: u32,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
            mode: metadata.mode(),
        }
    }

    /// Whether a later change would be seen.
    fn is_settled(&self, now: Duration) -> bool {
        let before = i64::try_from(now.saturating_sub(FRESH).as_nanos()).unwrap_or(i64::MAX);
        self.changed < before && self.modified < before
    }
}

/// A digest and the file that had it.
type Known = (Stamp, String);

/// The digests of files of a folder, by name.
pub(super) fn of_files(
    state_dir: &Path,
    folder: &Path,
    files: &[(&str, &Path, Stamp)],
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<HashMap<String, String>, Error> {
    // Before anything is read: what changes later is not settled.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let cache = place(state_dir, folder);
    let known = read(&cache);
    let unchanged = |name: &str, stamp: &Stamp| known.get(name).filter(|(known, _)| known == stamp);
    let missing: Vec<_> = files
        .iter()
        .filter(|(name, _, stamp)| unchanged(name, stamp).is_none())
        .collect();
    let jobs = missing
        .iter()
        .map(|(_, path, stamp)| (folder.join(path), *stamp))
        .collect::<Vec<_>>();
    let read = read_all(&jobs, go_on)?;
    let fresh: HashMap<&str, String> = missing.iter().map(|(name, ..)| *name).zip(read).collect();
    let digests: HashMap<String, String> = files
        .iter()
        .map(|(name, _, stamp)| {
            let digest = fresh
                .get(name)
                .or_else(|| unchanged(name, stamp).map(|(_, digest)| digest));
            ((*name).to_owned(), digest.cloned().unwrap_or_default())
        })
        .collect();
    if !fresh.is_empty() || known.len() != files.len() {
        let kept = files.iter().filter(|(.., stamp)| stamp.is_settled(now));
        let kept = kept.map(|(name, _, stamp)| (*name, (stamp, &digests[*name])));
        keep(&cache, &kept.collect());
    }
    Ok(digests)
}

/// One file for each context.
fn place(state_dir: &Path, folder: &Path) -> PathBuf {
    let mut name = hex(&Sha256::digest(folder.as_os_str().as_encoded_bytes()));
    name.truncate(16);
    state_dir.join(FOLDER).join(name + ".json")
}

fn read(cache: &Path) -> BTreeMap<String, Known> {
    let text = fs::read(cache).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Without a cache everything is read again, which is slower and nothing else.
fn keep(cache: &Path, kept: &BTreeMap<&str, (&Stamp, &String)>) {
    if let Ok(text) = serde_json::to_vec(kept) {
        drop(replace(cache, &text));
    }
}

/// Reads files on all processors.
fn read_all(jobs: &[(PathBuf, Stamp)], go_on: &(dyn Fn() -> bool + Sync)) -> Result<Vec<String>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let next = Mutex::new(jobs.iter().enumerate());
    let take = || {
        next.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .next()
    };
    let work = || {
        let mut done = Vec::new();
        while let Some((index, (path, stamp))) = take() {
            done.push((index, digest(path, stamp, go_on)?));
        }
        Ok(done)
    };
    let results: Vec<Result<Vec<(usize, String)>, Error>> = std::thread::scope(|scope| {
        let helpers = threads.min(jobs.len() / 16);
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let mut results = vec![work()];
        results.extend(helpers.into_iter().map(|helper| {
            helper
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        }));
        results
    });
    let mut all = results.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    all.sort_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, digest)| digest).collect())
}

fn digest(path: &Path, stamp: &Stamp, go_on: &(dyn Fn() -> bool + Sync)) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![
        0;
        usize::try_from(stamp.size)
            .unwrap_or(usize::MAX)
            .clamp(1, 256 * 1024)
    ];
    let mut file = File::open(path).map_err(failed("read", path))?;
    loop {
        if !go_on() {
            return Err(failed("read", path)(ErrorKind::Interrupted.into()));
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed("read", path)(error)),
        }
    }
    let mut digest = hex(&hasher.finalize());
    digest.truncate(DIGITS);
    Ok(digest)
}
