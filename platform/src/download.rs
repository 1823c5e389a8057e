//! Files from elsewhere, known by their content: what a URL gives is used only if its SHA-256 is the one that was written down, and then kept, so
//! that it is fetched once.

mod error;
mod fetch;
mod part;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub use error::Error;
pub(crate) use part::Part;

/// The largest file that is fetched, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// A folder of files, each named by its SHA-256.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Where they lie. It need not exist.
    pub folder: PathBuf,
    /// Never ask the network: what is not here is an error.
    pub offline: bool,
}

impl Cache {
    /// The user's own: `$XDG_CACHE_HOME/ratectl/downloads`, by default below `~/.cache`.
    pub fn standard(offline: bool) -> Self {
        let folder = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        // As the XDG specification wants it: a relative path does not count.
        let cache = folder("XDG_CACHE_HOME").filter(|folder| folder.is_absolute());
        let cache = cache.or_else(|| folder("HOME").map(|home| home.join(".cache")));
        Self {
            folder: cache.unwrap_or_else(std::env::temp_dir).join("ratectl/downloads"),
            offline,
        }
    }

    /// Where a file of that SHA-256 lies when it is here.
    pub fn place(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256)
    }

    /// The file at `url`, whose SHA-256 (64 hexadecimal digits) is `sha256`: the one that is here, or else fetched.
    ///
    /// # Errors
    /// When it is not here and must not, or cannot, be fetched, or is another one than was written down.
    pub async fn get(&self, url: &str, sha256: &str) -> Result<PathBuf, Error> {
        let fetch = async |part: &mut Part| fetch::fetch(url, LARGEST, part).await;
        self.get_by(url, sha256, fetch).await
    }

    /// As [`Cache::get`], where something else than HTTP fetches.
    pub(crate) async fn get_by(
        &self,
        url: &str,
        sha256: &str,
        fetch: impl AsyncFnOnce(&mut Part) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let sha256 = sha256.to_ascii_lowercase();
        check(&sha256)?;
        if let Some(place) = self.intact(&sha256).await? {
            return Ok(place);
        }
        if self.offline {
            return Err(Error::Offline {
                url: url.to_owned(),
                sha256,
            });
        }
        let mut part = Part::create(&self.folder).await?;
        fetch(&mut part).await?;
        let is = part.sha256();
        if is != sha256 {
            return Err(Error::Mismatch {
                url: url.to_owned(),
                expected: sha256,
                is,
            });
        }
        part.keep(&sha256).await
    }

    /// Takes a file in whose content comes from `reader`; another SHA-256 than `sha256` is an error that names `from`.
    ///
    /// # Errors
    /// As [`Cache::get`], and when the reader fails.
    pub async fn put(
        &self,
        reader: &mut (dyn std::io::Read + Send),
        sha256: &str,
        from: &str,
    ) -> Result<PathBuf, Error> {
        check(sha256)?;
        let mut part = Part::create(&self.folder).await?;
        let mut room = vec![0; 64 * 1024];
        loop {
            let count = reader.read(&mut room).map_err(|source| Error::Read {
                path: PathBuf::from(from),
                source,
            })?;
            if count == 0 {
                break;
            }
            part.write(&room[..count]).await?;
        }
        let is = part.sha256();
        if is != sha256 {
            return Err(Error::Mismatch {
                url: from.to_owned(),
                expected: sha256.to_owned(),
                is,
            });
        }
        part.keep(sha256).await
    }

    /// The file, if it is here and still what it was; one that a broken disk has changed is forgotten.
    async fn intact(&self, sha256: &str) -> Result<Option<PathBuf>, Error> {
        let place = self.place(sha256);
        let (wanted, path) = (sha256.to_owned(), place.clone());
        let looked = tokio::task::spawn_blocking(move || match sum(&path) {
            Ok(is) if is == wanted => Ok(true),
            Ok(_) => std::fs::remove_file(&path).map(|()| false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await;
        let found = looked
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|source| Error::Read {
                path: place.clone(),
                source,
            })?;
        Ok(found.then_some(place))
    }
}

/// 64 hexadecimal digits, for it becomes a file's name.
fn check(sha256: &str) -> Result<(), Error> {
    if sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Error::NoSum {
        sha256: sha256.to_owned(),
    })
}

fn sum(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut room = vec![0; 64 * 1024];
    loop {
        match file.read(&mut room)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => hasher.update(&room[..count]),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests;
