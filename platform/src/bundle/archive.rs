//! Writing a tar archive entry by entry, with nothing in it that depends on when or where, under another name until it is whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Error;

/// Entries begin at multiples of this.
const BLOCK: u64 = 512;

/// An archive in the making.
#[derive(Debug)]
pub(super) struct Writer {
    sink: Sink,
    part: Part,
    /// Bytes of the current entry that are still to come.
    missing: u64,
    /// Zeros after it.
    padding: usize,
}

#[derive(Debug)]
enum Sink {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

/// The file under its other name; gone when the archive never becomes whole.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    wanted: PathBuf,
    kept: bool,
}

impl Writer {
    /// An archive at `path`, gzipped if that ends in `.gz` or `.tgz`.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = path.with_file_name(format!(".{name}.part-{}", std::process::id()));
        let file = File::create(&part).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })?;
        let buffered = BufWriter::with_capacity(256 * 1024, file);
        let extension = path.extension().and_then(|extension| extension.to_str());
        Ok(Self {
            sink: match extension {
                // Its header has no time and no name.
                Some("gz" | "tgz") => Sink::Gzip(GzEncoder::new(buffered, Compression::fast())),
                _ => Sink::Plain(buffered),
            },
            part: Part {
                path: part,
                wanted: path.to_owned(),
                kept: false,
            },
            missing: 0,
            padding: 0,
        })
    }

    /// A whole entry.
    pub(super) fn entry(&mut self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.begin(name, content.len() as u64)?;
        self.write(content)?;
        self.end()
    }

    /// Begins an entry of `size` bytes.
    pub(super) fn begin(&mut self, name: &str, size: u64) -> Result<(), Error> {
        let mut header = tar::Header::new_gnu();
        let named = header.set_path(name);
        named.map_err(|source| self.failed(source))?;
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        self.missing = size;
        self.padding = usize::try_from((BLOCK - size % BLOCK) % BLOCK).unwrap_or(0);
        self.put(header.as_bytes())
    }

    /// The next bytes of the entry.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.missing.checked_sub(bytes.len() as u64) {
            Some(missing) => self.missing = missing,
            None => return Err(self.failed(io::Error::other("more bytes came than were announced"))),
        }
        self.put(bytes)
    }

    /// Ends the entry.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.missing > 0 {
            let reason = format!("{} bytes fewer came than were announced", self.missing);
            return Err(self.failed(io::Error::other(reason)));
        }
        let padding = self.padding;
        self.put(&vec![0; padding])
    }

    /// Ends the archive and gives it its name.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        // Two blocks of zeros.
        self.put(&[0; 1024])?;
        let wanted = self.part.wanted.clone();
        let failed = |source| Error::Write {
            path: wanted.clone(),
            source,
        };
        let buffered = match self.sink {
            Sink::Plain(buffered) => buffered,
            Sink::Gzip(encoder) => encoder.finish().map_err(failed)?,
        };
        let file = buffered
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&self.part.path, &self.part.wanted).map_err(failed)?;
        self.part.kept = true;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let put = match &mut self.sink {
            Sink::Plain(sink) => sink.write_all(bytes),
            Sink::Gzip(sink) => sink.write_all(bytes),
        };
        put.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.part.wanted.clone(),
            source,
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing more can be done about one that stays.
            drop(std::fs::remove_file(&self.path));
        }
    }
}
