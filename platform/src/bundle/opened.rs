//! A bundle that was looked at: every byte is what the table of contents says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::index::{INDEX, INDEX_SUM, LAYOUT, OCI_INDEX};
use super::{Error, FORMAT, Index};
use crate::download::hex;
use crate::plain_line::plain_line;

/// The largest table of contents that is read, in bytes.
const LARGEST_INDEX: u64 = 64 * 1024 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A whole bundle.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) index: Index,
    file: Arc<File>,
    /// Offset and size by SHA-256.
    places: BTreeMap<String, (u64, u64)>,
}

/// Some bytes of the bundle.
#[derive(Debug)]
pub(super) struct Piece {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Opened {
    /// Reads the bundle from end to end. A gzipped one is unpacked beside `scratch` first, into a file without a name.
    pub(super) fn verify(path: &Path, scratch: &Path, cancel: &CancellationToken) -> Result<Self, Error> {
        let check = Check { path, cancel };
        let file = check.plain(scratch)?;
        let (index, places) = check.read(&file)?;
        check.complete(&index, &places)?;
        Ok(Self {
            index,
            file: Arc::new(file),
            places,
        })
    }

    /// What has that SHA-256, which the index lists.
    pub(super) fn piece(&self, sha256: &str) -> Option<Piece> {
        let (at, size) = *self.places.get(sha256)?;
        Some(Piece {
            file: Arc::clone(&self.file),
            at,
            end: at + size,
        })
    }
}

impl Piece {
    pub(super) fn size(&self) -> u64 {
        self.end - self.at
    }

    pub(super) fn whole(mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.read_to_end(&mut content)?;
        Ok(content)
    }
}

impl Read for Piece {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let length = room.len().min(left);
        let count = self.file.read_at(&mut room[..length], self.at)?;
        if count == 0 && length > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += count as u64;
        Ok(count)
    }
}

struct Check<'a> {
    path: &'a Path,
    cancel: &'a CancellationToken,
}

/// Offset and size by SHA-256.
type Places = BTreeMap<String, (u64, u64)>;

impl Check<'_> {
    /// The archive as a file in which one can go to and fro.
    fn plain(&self, scratch: &Path) -> Result<File, Error> {
        let mut file = File::open(self.path).map_err(|source| self.unreadable(source))?;
        let mut magic = [0; 2];
        let begun = file.read_exact(&mut magic);
        file.seek(SeekFrom::Start(0))
            .map_err(|source| self.unreadable(source))?;
        if begun.is_err() || magic != GZIP {
            return Ok(file);
        }
        let unwritable = |source| Error::Write {
            path: scratch.to_owned(),
            source,
        };
        let name = scratch.join(format!(".bundle-{}", std::process::id()));
        std::fs::create_dir_all(scratch).map_err(unwritable)?;
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut unpacked = options.open(&name).map_err(unwritable)?;
        // It lives as long as somebody has it open, however this process ends.
        std::fs::remove_file(&name).map_err(unwritable)?;
        let mut decoder = GzDecoder::new(BufReader::new(file));
        let mut room = vec![0; 256 * 1024];
        loop {
            let count = decoder.read(&mut room);
            let count =
                count.map_err(|error| self.damaged("its compression", &format!("is broken: {error}")))?;
            self.unless_cancelled()?;
            if count == 0 {
                break;
            }
            io::Write::write_all(&mut unpacked, &room[..count]).map_err(unwritable)?;
        }
        unpacked.seek(SeekFrom::Start(0)).map_err(unwritable)?;
        Ok(unpacked)
    }

    fn read(&self, file: &File) -> Result<(Index, Places), Error> {
        let mut archive = tar::Archive::new(BufReader::with_capacity(256 * 1024, file));
        let broken = |error: io::Error, is_bundle: bool| match format!("cannot be read: {error}") {
            reason if is_bundle => self.damaged("the archive", &reason),
            reason => self.no_bundle(&format!("as an archive it {reason}")),
        };
        let entries = archive.entries().map_err(|error| broken(error, false))?;
        let mut sums = BTreeMap::new();
        let (mut index, mut index_sum) = (None, None);
        for entry in entries {
            let entry = entry.map_err(|error| broken(error, index.is_some()))?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let (at, size) = (entry.raw_file_position(), entry.size());
            match name.as_str() {
                INDEX => index = Some(self.text(entry, &name)?),
                INDEX_SUM => index_sum = Some(self.text(entry, &name)?),
                LAYOUT | OCI_INDEX => {}
                _ if index.is_none() => {
                    return Err(self.no_bundle(&format!("it does not begin with {INDEX}")));
                }
                _ => {
                    let sum = self.sum(entry, &name)?;
                    if sums.insert(sum.clone(), (at, size)).is_some() || name != super::index::place(&sum) {
                        return Err(self.damaged(&name, &format!("has the SHA-256 {sum}")));
                    }
                }
            }
        }
        let index = index.ok_or_else(|| self.no_bundle(&format!("there is no {INDEX} in it")))?;
        Ok((self.index(&index, index_sum.as_deref())?, sums))
    }

    fn index(&self, text: &[u8], sum: Option<&[u8]>) -> Result<Index, Error> {
        let format: serde_json::Value = serde_json::from_slice(text)
            .map_err(|error| self.no_bundle(&format!("its {INDEX} cannot be read: {error}")))?;
        let format = format["format"]
            .as_u64()
            .and_then(|format| u32::try_from(format).ok());
        match format {
            Some(FORMAT) => {}
            Some(format) if format > FORMAT => {
                return Err(Error::Newer {
                    path: self.path.to_owned(),
                    format,
                    known: FORMAT,
                });
            }
            _ => return Err(self.no_bundle(&format!("its {INDEX} names no format"))),
        }
        if sum != Some(hex(&Sha256::digest(text)).as_bytes()) {
            return Err(self.damaged(INDEX, "does not have the SHA-256 that lies beside it"));
        }
        serde_json::from_slice(text)
            .map_err(|error| self.no_bundle(&format!("its {INDEX} cannot be read: {error}")))
    }

    /// Everything that is listed is there, and nothing else.
    fn complete(&self, index: &Index, places: &Places) -> Result<(), Error> {
        for (sha256, size) in &index.files {
            match places.get(sha256) {
                None => return Err(self.damaged(sha256, "is missing")),
                Some((_, is)) if is != size => {
                    return Err(self.damaged(sha256, &format!("has {is} bytes instead of {size}")));
                }
                Some(_) => {}
            }
        }
        let digests = index
            .images
            .iter()
            .map(|image| image.digest.trim_start_matches("sha256:"));
        let named = index.downloads.keys().map(String::as_str).chain(digests);
        for sha256 in named.chain(places.keys().map(String::as_str)) {
            if !index.files.contains_key(sha256) {
                return Err(self.damaged(sha256, "is not in its table of contents"));
            }
        }
        Ok(())
    }

    fn sum(&self, mut entry: impl Read, name: &str) -> Result<String, Error> {
        let mut hasher = Sha256::new();
        let mut room = vec![0; 256 * 1024];
        loop {
            self.unless_cancelled()?;
            let count = entry.read(&mut room);
            match count.map_err(|error| self.damaged(name, &format!("cannot be read: {error}")))? {
                0 => return Ok(hex(&hasher.finalize())),
                count => hasher.update(&room[..count]),
            }
        }
    }

    fn text(&self, entry: impl Read, name: &str) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let read = entry.take(LARGEST_INDEX).read_to_end(&mut text);
        read.map_err(|error| self.damaged(name, &format!("cannot be read: {error}")))?;
        Ok(text)
    }

    fn unless_cancelled(&self) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::Read {
            path: self.path.to_owned(),
            source,
        }
    }

    fn no_bundle(&self, reason: &str) -> Error {
        Error::NotBundle {
            path: self.path.to_owned(),
            reason: plain_line(reason),
        }
    }

    fn damaged(&self, entry: &str, reason: &str) -> Error {
        Error::Damaged {
            path: self.path.to_owned(),
            entry: plain_line(entry),
            reason: plain_line(reason),
        }
    }
}
