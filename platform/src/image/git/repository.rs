//! Copies of repositories in the state folder: one for each URL, with a folder for each commit that was wanted lately.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::address::Address;
use super::commit::Commit;
use super::program::Git;
use crate::image::hash::hex;
use crate::image::{Error, Setup};
use crate::locked_file::{LockedFile, Refused};

/// The folder in the state folder.
const FOLDER: &str = "images/git";
/// How long a download may take, and with it waiting for another one.
const FETCH_LIMIT: Duration = Duration::from_mins(15);
/// How long git may work on what it has.
const LOCAL_LIMIT: Duration = Duration::from_mins(5);
/// How often a lock is tried that somebody holds.
const TRIED_EVERY: Duration = Duration::from_millis(50);
/// How long the files of a commit are kept after they were last wanted.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The copy of a repository.
#[derive(Debug)]
pub(super) struct Repository {
    folder: PathBuf,
}

impl Repository {
    pub(super) fn of(setup: &Setup, address: &Address) -> Self {
        let mut name = hex(&Sha256::digest(address.url()));
        name.truncate(16);
        Self {
            folder: setup.state_dir.join(FOLDER).join(name),
        }
    }

    /// The folder with a commit's files.
    pub(super) async fn tree(&self, git: &Git, address: &Address, commit: &Commit) -> Result<PathBuf, Error> {
        let trees = self.folder.join("trees");
        fs::create_dir_all(&trees).map_err(state("make folder", &trees))?;
        let _lock = self.lock().await?;
        let tree = trees.join(&commit.id);
        if !tree.is_dir() {
            self.fetch(git, address, commit).await?;
            self.unpack(git, commit, &tree).await?;
        }
        let used = trees.join(format!("{}.used", commit.id));
        fs::write(&used, "").map_err(state("write", &used))?;
        forget_old(&trees);
        Ok(tree)
    }

    /// Waits while another process works on the same copy.
    async fn lock(&self) -> Result<LockedFile, Error> {
        let path = self.folder.join("lock");
        let locked = async {
            loop {
                match LockedFile::take(&path) {
                    Ok(lock) => return Ok(lock),
                    Err(Refused::Held(_)) => tokio::time::sleep(TRIED_EVERY).await,
                    Err(Refused::Unusable(error)) => return Err(state("lock", &path)(error)),
                }
            }
        };
        let waited = tokio::time::timeout(FETCH_LIMIT, locked).await;
        waited.unwrap_or_else(|_| {
            Err(Error::TimedOut {
                operation: format!("lock {}", path.display()),
                limit: FETCH_LIMIT,
            })
        })
    }

    /// Has the commit, downloading no more than the server makes necessary.
    async fn fetch(&self, git: &Git, address: &Address, commit: &Commit) -> Result<(), Error> {
        let store = self.store();
        let operation = format!("fetch {}", commit.id);
        if !self.objects().join("HEAD").is_file() {
            let objects = self.objects().display().to_string();
            let arguments = ["init", "--quiet", "--bare", "--template=", "--", &objects];
            git.must("make a copy", &arguments, None, LOCAL_LIMIT).await?;
        }
        if self.has(git, commit).await? {
            return Ok(());
        }
        let all = ["+refs/heads/*:refs/copy/heads/*", "+refs/tags/*:refs/copy/tags/*"];
        let attempts: [(&[&str], Vec<&str>); 3] = [
            (&["--depth=1"], vec![commit.id.as_str()]),
            // Some servers give no commits but those of references.
            (&["--depth=1"], commit.reference.as_deref().into_iter().collect()),
            (&[], all.to_vec()),
        ];
        let mut complaint = None;
        for (options, wanted) in attempts.iter().filter(|(_, wanted)| !wanted.is_empty()) {
            let mut arguments = vec![
                store.as_str(),
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-recurse-submodules",
            ];
            arguments.extend(*options);
            arguments.extend(["--", address.url()]);
            arguments.extend(wanted);
            let said = git.run(&operation, &arguments, None, FETCH_LIMIT).await?;
            if self.has(git, commit).await? {
                return Ok(());
            }
            complaint = complaint.or(said.err());
        }
        let reason = complaint.map(|complaint| complaint.words);
        Err(git.refused(&operation, reason.as_deref().unwrap_or("it has no such commit")))
    }

    async fn has(&self, git: &Git, commit: &Commit) -> Result<bool, Error> {
        let object = format!("{}^{{tree}}", commit.id);
        let store = self.store();
        let arguments = [store.as_str(), "cat-file", "-e", &object];
        let said = git
            .run("look for a commit", &arguments, None, LOCAL_LIMIT)
            .await?;
        Ok(said.is_ok())
    }

    /// Writes a commit's files into a folder, which is there when they are complete.
    async fn unpack(&self, git: &Git, commit: &Commit, tree: &Path) -> Result<(), Error> {
        let beside = tree.with_extension("new");
        let index = tree.with_extension("index");
        remove(&beside).map_err(state("remove", &beside))?;
        fs::create_dir_all(&beside).map_err(state("make folder", &beside))?;
        drop(fs::remove_file(&index));
        let store = self.store();
        let work_tree = format!("--work-tree={}", beside.display());
        let arguments = [
            store.as_str(),
            &work_tree,
            "read-tree",
            "--reset",
            "-u",
            &commit.id,
        ];
        let operation = format!("unpack {}", commit.id);
        let unpacked = git.must(&operation, &arguments, Some(&index), LOCAL_LIMIT).await;
        drop(fs::remove_file(&index));
        unpacked?;
        fs::rename(&beside, tree).map_err(state("rename", &beside))
    }

    fn store(&self) -> String {
        format!("--git-dir={}", self.objects().display())
    }

    fn objects(&self) -> PathBuf {
        self.folder.join("objects.git")
    }
}

/// Removes the files of commits that nobody wanted for a while. What cannot be removed stays.
fn forget_old(trees: &Path) {
    let now = SystemTime::now();
    for entry in fs::read_dir(trees).into_iter().flatten().flatten() {
        let used = entry.path();
        let is_mark = used.extension().is_some_and(|extension| extension == "used");
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|modified| now.duration_since(modified).ok());
        if is_mark && age.is_some_and(|age| age > KEPT) && remove(&used.with_extension("")).is_ok() {
            drop(fs::remove_file(used));
        }
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn state(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::State {
        operation,
        path: path.to_owned(),
        source,
    }
}
