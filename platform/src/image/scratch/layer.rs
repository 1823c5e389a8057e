//! Layers: tar archives without anything in them that depends on when and where they were made.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::certificates;
use crate::image::registry::{Blob, digest};

/// Where certificates are looked for, below the root.
pub(super) const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// A file that cannot be read, or not be put where it should be.
#[derive(Debug)]
pub(crate) struct FileError {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// An archive.
#[derive(Debug)]
pub(super) struct Layer(Bytes);

/// What is at a path of an archive.
enum Item {
    Folder { mode: u32 },
    File { mode: u32, contents: Vec<u8> },
    Link { target: PathBuf },
}

/// What an archive will hold, by path below the root: an archive lists what it holds in order.
#[derive(Default)]
struct Tree(BTreeMap<PathBuf, Item>);

impl Layer {
    /// What every image has: the same bytes each time, so that a registry and a node keep them once.
    pub(super) fn base(user: u32) -> Result<Self, FileError> {
        let mut tree = Tree::default();
        tree.put(Path::new("tmp"), Item::Folder { mode: 0o1777 });
        let users =
            format!("root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:{user}:{user}:nonroot:/:/sbin/nologin\n");
        let groups = format!("root:x:0:\nnonroot:x:{user}:\n");
        let texts = [
            ("etc/passwd", users),
            ("etc/group", groups),
            (CERTIFICATES, certificates::pem()),
        ];
        for (path, text) in texts {
            let contents = text.into_bytes();
            tree.put(
                Path::new(path),
                Item::File {
                    mode: 0o644,
                    contents,
                },
            );
        }
        tree.pack()
    }

    /// A program in the root.
    pub(super) fn of_program(file: &Path, name: &str) -> Result<Self, FileError> {
        let contents = fs::read(file).map_err(|source| failed(file, source))?;
        let mut tree = Tree::default();
        tree.put(
            Path::new(name),
            Item::File {
                mode: 0o755,
                contents,
            },
        );
        tree.pack()
    }

    /// Files, and folders with all that is in them.
    pub(super) fn of_files(files: &[(PathBuf, String)]) -> Result<Self, FileError> {
        let mut tree = Tree::default();
        for (here, there) in files {
            tree.take(here, Path::new(there.trim_start_matches('/')))?;
        }
        tree.pack()
    }

    /// The digest of the archive itself.
    pub(super) fn diff_id(&self) -> String {
        digest(&self.0)
    }

    /// What a registry keeps.
    pub(super) fn blob(self, packed: bool) -> Blob {
        if !packed {
            return Blob::of(self.0);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let written = encoder.write_all(&self.0).and_then(|()| encoder.finish());
        Blob::of(written.expect("memory takes what is written"))
    }
}

impl Tree {
    /// Puts something there, with the folders on the way.
    fn put(&mut self, path: &Path, item: Item) {
        let folders = path
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty());
        for folder in folders {
            self.0
                .entry(folder.to_owned())
                .or_insert(Item::Folder { mode: 0o755 });
        }
        self.0.insert(path.to_owned(), item);
    }

    /// Takes over what lies in this machine's file system.
    fn take(&mut self, here: &Path, there: &Path) -> Result<(), FileError> {
        let failed = |source| failed(here, source);
        let is = fs::symlink_metadata(here).map_err(failed)?;
        // Who may write is nobody's business there; who may run a file is.
        let mode = if is.permissions().mode() & 0o111 == 0 {
            0o644
        } else {
            0o755
        };
        if is.is_dir() {
            if !there.as_os_str().is_empty() {
                self.put(there, Item::Folder { mode: 0o755 });
            }
            for entry in fs::read_dir(here).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                self.take(&entry.path(), &there.join(entry.file_name()))?;
            }
        } else if is.is_symlink() {
            let target = fs::read_link(here).map_err(failed)?;
            self.put(there, Item::Link { target });
        } else if is.is_file() {
            let contents = fs::read(here).map_err(failed)?;
            self.put(there, Item::File { mode, contents });
        } else {
            return Err(failed(io::Error::other("it is neither a file nor a folder")));
        }
        Ok(())
    }

    fn pack(self) -> Result<Layer, FileError> {
        let mut builder = Builder::new(Vec::new());
        for (path, item) in self.0 {
            append(&mut builder, &path, item).map_err(|source| failed(&path, source))?;
        }
        let archive = builder
            .into_inner()
            .map_err(|source| failed(Path::new("/"), source))?;
        Ok(Layer(archive.into()))
    }
}

fn append(builder: &mut Builder<Vec<u8>>, path: &Path, item: Item) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    match item {
        Item::Folder { mode } => {
            header.set_entry_type(EntryType::Directory);
            header.set_mode(mode);
            builder.append_data(&mut header, path.join(""), io::empty())
        }
        Item::File { mode, contents } => {
            header.set_entry_type(EntryType::Regular);
            header.set_mode(mode);
            header.set_size(contents.len() as u64);
            builder.append_data(&mut header, path, contents.as_slice())
        }
        Item::Link { target } => {
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            builder.append_link(&mut header, path, target)
        }
    }
}

fn failed(path: &Path, source: io::Error) -> FileError {
    let path = path.to_owned();
    FileError { path, source }
}
