//! Looking through a folder.

use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::digests::Stamp;
use super::{Entry, Kind, failed};
use crate::image::Error;
use crate::image::ignore_file::{self, Matched, Patterns};

/// What is sent of a folder, in the order of names, each folder before what is in it.
pub(super) fn walk(
    folder: &Path,
    patterns: &Patterns,
    dockerfile: Option<&Path>,
) -> Result<Vec<Entry>, Error> {
    let mut walk = Walk {
        folder,
        patterns,
        needed: dockerfile
            .into_iter()
            .chain([Path::new(ignore_file::NAME)])
            .collect(),
        entries: Vec::new(),
    };
    walk.below(Path::new(""), &Matched::default())?;
    walk.add_needed()?;
    Ok(walk.entries)
}

/// A relative path as text with slashes; what is not UTF-8 is escaped.
pub(super) fn name(path: &Path) -> String {
    match path.to_str() {
        Some(name) => name.replace(MAIN_SEPARATOR, "/"),
        None => path.as_os_str().as_encoded_bytes().escape_ascii().to_string(),
    }
}

struct Walk<'a> {
    folder: &'a Path,
    patterns: &'a Patterns,
    /// What the builder needs, sent even when it is left out.
    needed: Vec<&'a Path>,
    entries: Vec<Entry>,
}

impl Walk<'_> {
    fn below(&mut self, relative: &Path, above: &Matched) -> Result<(), Error> {
        let folder = self.folder.join(relative);
        let read = fs::read_dir(&folder).and_then(|entries| {
            let named =
                entries.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))));
            named.collect::<io::Result<Vec<_>>>()
        });
        let mut found = read.map_err(failed("read folder", &folder))?;
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (file_name, kind) in found {
            let path = relative.join(file_name);
            let name = name(&path);
            let (left_out, matched) = self.patterns.judge(above, &name);
            if !left_out {
                self.add(path.clone(), kind, false)?;
            }
            if kind.is_dir() && (!left_out || self.patterns.may_take_in_below(&name)) {
                self.below(&path, &matched)?;
            }
        }
        Ok(())
    }

    fn add_needed(&mut self) -> Result<(), Error> {
        for path in std::mem::take(&mut self.needed) {
            let is_there = self.entries.iter().any(|entry| entry.path == path);
            if is_there {
                continue;
            }
            if let Ok(metadata) = fs::symlink_metadata(self.folder.join(path)) {
                self.add(path.to_owned(), metadata.file_type(), true)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, kind: FileType, for_builder: bool) -> Result<(), Error> {
        let place = self.folder.join(&path);
        let kind = if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            let target = fs::read_link(&place).map_err(failed("read link", &place))?;
            Kind::Link { target }
        } else if kind.is_file() {
            let metadata = fs::symlink_metadata(&place).map_err(failed("read", &place))?;
            Kind::File {
                executable: metadata.permissions().mode() & 0o111 != 0,
                stamp: Stamp::of(&metadata),
            }
        } else {
            return Err(failed("send", &place)(io::Error::other(not_a_file(kind))));
        };
        self.entries.push(Entry {
            name: name(&path),
            path,
            kind,
            for_builder,
        });
        Ok(())
    }
}

fn not_a_file(kind: FileType) -> &'static str {
    if kind.is_socket() {
        "it is a socket; list it in .dockerignore"
    } else if kind.is_fifo() {
        "it is a named pipe; list it in .dockerignore"
    } else {
        "it is a device; list it in .dockerignore"
    }
}
