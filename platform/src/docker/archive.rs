//! Files in containers, running or not, by the engine's archive API.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bollard::query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use futures_util::StreamExt as _;
use tar::{Archive, Builder, EntryType, Header};

use super::{Engine, Error, REQUEST_LIMIT};

/// Bytes of a file that are read at most.
const LARGEST: usize = 16 * 1024 * 1024;
/// Symbolic links that are followed, one after the other.
const LINKS: usize = 8;

/// A file for a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where: absolute. Folders that are not there are made.
    pub path: String,
    /// Permission bits, such as `0o755`. Owned by root.
    pub mode: u32,
    /// What is in it.
    pub contents: Vec<u8>,
}

/// Writes files into a container, over what is there.
///
/// # Errors
/// When the engine does not take them.
pub async fn put(engine: &Engine, container: &str, files: &[File]) -> Result<(), Error> {
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let operation = format!("write {} into container {container}", paths.join(", "));
    let archive = pack(files).map_err(|source| Error::Malformed {
        operation: operation.clone(),
        source: Box::new(source),
    })?;
    let options = UploadToContainerOptionsBuilder::new().path("/").build();
    let body = bollard::body_full(archive.into());
    let answer = engine
        .api()
        .upload_to_container(container, Some(options), body)
        .await;
    answer.map_err(|error| Error::of(operation, error))
}

/// Reads a file out of a container; `None` if it is not there. Follows symbolic links.
///
/// # Errors
/// When there is no such container, and when what is at `path` is no file or too large.
pub async fn get(engine: &Engine, container: &str, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let operation = format!("read {path} from container {container}");
    let mut path = PathBuf::from(path);
    for _ in 0..LINKS {
        let Some(archive) = fetch(engine, container, &path, &operation).await? else {
            return Ok(None);
        };
        let malformed = |reason: String| Error::Malformed {
            operation: operation.clone(),
            source: reason.into(),
        };
        match unpack(&archive).map_err(|error| malformed(error.to_string()))? {
            Packed::File(contents) => return Ok(Some(contents)),
            Packed::Link(target) => path = resolve(&path, &target),
            Packed::Other => return Err(malformed(format!("{} is no file", path.display()))),
        }
    }
    Err(Error::Malformed {
        operation,
        source: format!("more than {LINKS} symbolic links follow each other").into(),
    })
}

/// The tar archive with what is at `path`.
async fn fetch(
    engine: &Engine,
    container: &str,
    path: &Path,
    operation: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let options = DownloadFromContainerOptionsBuilder::new()
        .path(&path.to_string_lossy())
        .build();
    let read = async {
        let mut archive = Vec::new();
        let mut chunks = engine.api().download_from_container(container, Some(options));
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => archive.extend_from_slice(&chunk),
                Err(error) => return missing(Error::of(operation, error)),
            }
            if archive.len() > LARGEST {
                return Err(Error::TooLarge {
                    operation: operation.to_owned(),
                    limit: LARGEST,
                });
            }
        }
        Ok(Some(archive))
    };
    match tokio::time::timeout(REQUEST_LIMIT, read).await {
        Ok(read) => read,
        Err(_) => Err(Error::Silent {
            operation: operation.to_owned(),
            limit: REQUEST_LIMIT,
        }),
    }
}

/// A path that is not there is an answer; a container that is not there is an error.
fn missing(error: Error) -> Result<Option<Vec<u8>>, Error> {
    match &error {
        Error::Refused { source, .. }
            if source.status == Some(404) && !source.message.to_lowercase().contains("no such container") =>
        {
            Ok(None)
        }
        _ => Err(error),
    }
}

fn pack(files: &[File]) -> std::io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    for file in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(file.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(now.as_secs());
        header.set_size(file.contents.len() as u64);
        builder.append_data(
            &mut header,
            file.path.trim_start_matches('/'),
            file.contents.as_slice(),
        )?;
    }
    builder.into_inner()
}

/// The first thing in an archive.
enum Packed {
    File(Vec<u8>),
    Link(PathBuf),
    Other,
}

fn unpack(archive: &[u8]) -> std::io::Result<Packed> {
    let mut archive = Archive::new(archive);
    let Some(entry) = archive.entries()?.next() else {
        return Ok(Packed::Other);
    };
    let mut entry = entry?;
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => {
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents)?;
            Ok(Packed::File(contents))
        }
        EntryType::Symlink => Ok(entry
            .link_name()?
            .map_or(Packed::Other, |target| Packed::Link(target.into_owned()))),
        _ => Ok(Packed::Other),
    }
}

/// Where a link at `link` to `target` leads.
fn resolve(link: &Path, target: &Path) -> PathBuf {
    let joined = link.parent().unwrap_or(Path::new("/")).join(target);
    let mut resolved = PathBuf::from("/");
    for component in joined.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir => {
                resolved.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("/output/kubeconfig.yaml", "/etc/k3s.yaml" => "/etc/k3s.yaml"; "an absolute target")]
    #[test_case("/output/kubeconfig.yaml", "k3s.yaml" => "/output/k3s.yaml"; "a neighbour")]
    #[test_case("/a/b/c", "../../../../etc/x" => "/etc/x"; "no way out of the root")]
    fn links_are_resolved_inside_the_container(link: &str, target: &str) -> String {
        resolve(Path::new(link), Path::new(target)).display().to_string()
    }

    #[test]
    fn a_packed_file_has_its_relative_path_mode_and_contents() {
        let file = File {
            path: format!("/{}/run.sh", "long".repeat(40)),
            mode: 0o755,
            contents: b"#!/bin/sh\n".to_vec(),
        };
        let packed = pack(std::slice::from_ref(&file)).unwrap();
        let mut archive = Archive::new(packed.as_slice());
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.path().unwrap().to_str(), Some(&file.path[1..]));
        assert_eq!(entry.header().mode().unwrap(), 0o755);
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        assert_eq!(contents, file.contents);
    }

    #[test]
    fn a_path_upwards_is_not_packed() {
        let file = File {
            path: "/../etc/passwd".to_owned(),
            mode: 0o644,
            contents: Vec::new(),
        };
        assert!(pack(&[file]).is_err());
    }
}
