//! The context as a tar archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use super::{Context, Entry, Kind, failed};
use crate::image::Error;

/// Modes of what can be executed and looked into, and of everything else.
const MODES: (u32, u32) = (0o755, 0o644);

/// Why an archive was not written.
#[derive(Debug)]
pub enum Failure {
    /// A file is to blame.
    From(Error),
    /// The reader has gone.
    To(io::Error),
}

/// Adds a Dockerfile that lies outside of the context, and says under which name.
pub(super) fn add_dockerfile(path: &Path, added: &mut BTreeMap<String, Vec<u8>>) -> Result<String, Error> {
    let text = std::fs::read(path).map_err(failed("read", path))?;
    let digest = Sha256::digest(&text);
    let name = format!(
        ".ratectl-{:02x}{:02x}{:02x}{:02x}.Dockerfile",
        digest[0], digest[1], digest[2], digest[3]
    );
    added.insert(name.clone(), text);
    Ok(name)
}

pub(super) fn write(context: &Context, to: impl Write, on_bytes: &mut dyn FnMut(u64)) -> Result<(), Failure> {
    let mut builder = Builder::new(to);
    let mut done = 0;
    for entry in &context.entries {
        append(&mut builder, &context.folder, entry, &mut |bytes| {
            done += bytes;
            on_bytes(done);
        })?;
    }
    for (name, content) in &context.added {
        let mut header = header(EntryType::Regular, MODES.1, content.len() as u64);
        builder
            .append_data(&mut header, name, content.as_slice())
            .map_err(Failure::To)?;
    }
    builder
        .into_inner()
        .and_then(|mut to| to.flush())
        .map_err(Failure::To)
}

fn append<W: Write>(
    builder: &mut Builder<W>,
    folder: &Path,
    entry: &Entry,
    on_bytes: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let written = match &entry.kind {
        Kind::Folder => {
            let mut header = header(EntryType::Directory, MODES.0, 0);
            builder.append_data(&mut header, &entry.path, io::empty())
        }
        Kind::Link { target } => {
            let mut header = header(EntryType::Symlink, 0o777, 0);
            builder.append_link(&mut header, &entry.path, target)
        }
        Kind::File { executable, stamp } => {
            let place = folder.join(&entry.path);
            let mode = if *executable { MODES.0 } else { MODES.1 };
            let mut header = header(EntryType::Regular, mode, stamp.size);
            let file = File::open(&place).map_err(|error| Failure::From(failed("read", &place)(error)))?;
            let mut contents = Contents {
                file: file.take(stamp.size),
                missing: stamp.size,
                failure: None,
                on_bytes,
            };
            let written = builder.append_data(&mut header, &entry.path, &mut contents);
            contents.check(&place)?;
            written
        }
    };
    written.map_err(Failure::To)
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

/// A file while it is read. The archive has said how long it is.
struct Contents<'a> {
    file: io::Take<File>,
    missing: u64,
    failure: Option<io::Error>,
    on_bytes: &'a mut dyn FnMut(u64),
}

impl Contents<'_> {
    fn check(self, path: &Path) -> Result<(), Failure> {
        match self.failure {
            Some(failure) => Err(Failure::From(failed("read", path)(failure))),
            None => Ok(()),
        }
    }
}

impl Read for Contents<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.read(buffer) {
            Ok(0) if self.missing > 0 => {
                self.failure = Some(io::Error::other("it became shorter meanwhile"));
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(length) => {
                self.missing -= length as u64;
                (self.on_bytes)(length as u64);
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }
}
