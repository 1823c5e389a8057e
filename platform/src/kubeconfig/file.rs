//! Reading a file whole, and replacing it whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Error;

/// Bytes a kubeconfig may have. Thousand entries are about 6 MB.
const LIMIT: u64 = 16 * 1024 * 1024;
/// Links that are followed, as many as Linux follows.
const LINKS: usize = 40;

/// The text of a file; `None` if there is none. A device such as `/dev/null` reads as empty.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(source) => return Err(Error::io("read", path)(source)),
    };
    if is_null(&metadata) {
        return Ok(Some(String::new()));
    }
    if !metadata.is_file() {
        return Err(Error::NotAFile {
            path: path.to_owned(),
        });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::io("read", path))?;
    let read = file.take(LIMIT + 1).read_to_end(&mut bytes);
    if read.map_err(Error::io("read", path))? as u64 > LIMIT {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            bytes: metadata.len(),
            limit: LIMIT,
        });
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let start = valid
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        Error::Malformed {
            path: path.to_owned(),
            line: valid.split(|byte| *byte == b'\n').count() as u64,
            column: (valid.len() - start) as u64 + 1,
            reason: "this is not UTF-8".to_owned(),
        }
    })
}

/// Replaces what `path` leads to, or makes it. Whoever reads it, whenever, finds the old text or the new one; the lock must be held.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let target = resolve(path)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    make_folder(folder)?;
    let before = match fs::metadata(&target) {
        Ok(metadata) if metadata.is_file() => Some(metadata),
        Ok(_) => {
            return Err(Error::NotAFile {
                path: path.to_owned(),
            });
        }
        Err(_) => None,
    };
    // Always the same name: only the holder of the lock writes it, so what a killed one left is in nobody's way.
    let mut draft = target.clone().into_os_string();
    draft.push(".ratectl-new");
    let draft = PathBuf::from(draft);
    let outcome = write(&draft, contents, before.as_ref())
        .and_then(|()| fs::rename(&draft, &target))
        .and_then(|()| File::open(folder)?.sync_all());
    outcome.map_err(|source| {
        drop(fs::remove_file(&draft));
        Error::io("write", path)(source)
    })
}

/// Makes a folder that only its owner sees into, as keys will lie in it.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(Error::io("make the folder", folder))
}

/// Where a chain of links ends, whether or not there is something.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(target),
        }
    }
    let source = io::Error::other("too many links lead to each other");
    Err(Error::io("follow the links of", path)(source))
}

fn write(draft: &Path, contents: &[u8], before: Option<&fs::Metadata>) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    if let Some(before) = before {
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
            // Under sudo the file would change hands. Who may not give it away keeps it.
            let owner = (Some(before.uid()), Some(before.gid()));
            drop(std::os::unix::fs::fchown(&file, owner.0, owner.1));
        }
        file.set_permissions(fs::Permissions::from_mode(before.mode() & 0o777))?;
    }
    file.write_all(contents)?;
    file.sync_all()
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn is_null(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_char_device()
}
