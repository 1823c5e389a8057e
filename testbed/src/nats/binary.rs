//! Where nats-server is: `NATS_SERVER`, then `.tools/bin` of the repository, then `PATH`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Error;

/// The oldest server with a message's own time to live.
const OLDEST: (u32, u32) = (2, 11);

/// The path of a nats-server that is new enough; looked up once a process.
pub fn find() -> Result<PathBuf, Error> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = FOUND.get() {
        return Ok(path.clone());
    }
    let path = candidates()
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| Error::Missing {
            program: "nats-server",
            searched: "$NATS_SERVER, .tools/bin and $PATH".to_owned(),
            help: "`make tools` puts one into .tools/bin",
        })?;
    check_version(&path)?;
    Ok(FOUND.get_or_init(|| path).clone())
}

fn candidates() -> Vec<PathBuf> {
    let named = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let ours = crate::repository().join(".tools/bin/nats-server");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    named.into_iter().chain([ours]).chain(installed).collect()
}

fn check_version(path: &Path) -> Result<(), Error> {
    let output = Command::new(path)
        .arg("--version")
        .output()
        .map_err(Error::io(format!("run {} --version", path.display())))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if parse_version(&text).is_some_and(|version| version >= OLDEST) {
        return Ok(());
    }
    Err(Error::TooOld {
        path: path.to_owned(),
        found: text,
        wanted: "2.11",
    })
}

/// Major and minor out of `nats-server: v2.15.2`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.rsplit_once('v')?.1.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn a_version_line_gives_major_and_minor() {
        assert_eq!(parse_version("nats-server: v2.15.2"), Some((2, 15)));
        assert_eq!(parse_version("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(parse_version("something else"), None);
    }
}
