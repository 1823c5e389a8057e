//! The compiler that a folder's toolchain file chooses, and what it compiles for.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::command;
use crate::image::Error;

/// The compiler, as far as it matters for what comes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compiler {
    /// Such as `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub(super) version: String,
    /// Such as `x86_64-unknown-linux-gnu`: what images need on a machine like this.
    pub(super) target: String,
    /// What it runs on.
    host: String,
    folder: PathBuf,
}

impl Compiler {
    /// Asks the compiler of that folder.
    pub(super) async fn find(folder: &Path) -> Result<Self, Error> {
        let rustc = command::program("RUSTC", "rustc");
        let operation = "ask the compiler for its version";
        let said = command::capture(&rustc, &[OsStr::new("-vV")], folder, operation).await?;
        let said = String::from_utf8_lossy(&said);
        let line = |name: &str| said.lines().find_map(|line| line.strip_prefix(name));
        let Some(host) = line("host: ") else {
            return Err(Error::Cargo {
                operation: operation.to_owned(),
                reason: "it does not name its host".to_owned(),
            });
        };
        Ok(Self {
            version: said.lines().next().unwrap_or_default().trim().to_owned(),
            target: target(host),
            host: host.to_owned(),
            folder: folder.to_owned(),
        })
    }

    /// Sees to it that the compiler has the target's standard library.
    pub(super) async fn check_target(&self, component: &str) -> Result<(), Error> {
        if self.target == self.host {
            return Ok(());
        }
        let rustc = command::program("RUSTC", "rustc");
        let arguments = ["--print", "target-libdir", "--target", &self.target].map(OsStr::new);
        let said = command::capture(&rustc, &arguments, &self.folder, "find its standard library").await?;
        let folder = PathBuf::from(String::from_utf8_lossy(&said).trim());
        if folder.is_dir() {
            return Ok(());
        }
        let target = &self.target;
        Err(Error::Definition {
            component: component.to_owned(),
            message: format!(
                "the compiler cannot compile for Linux yet: `rustup target add {target}` gets the standard library, and a \
                 linker for {target} has to be named in `.cargo/config.toml` (`[target.{target}] linker = …`)"
            ),
        })
    }
}

/// What images need: Linux on this machine's processor, with the C library of this machine where that is Linux too.
fn target(host: &str) -> String {
    let architecture = host.split('-').next().unwrap_or_default();
    if host.contains("-linux-") {
        return host.to_owned();
    }
    // No C library to look for on a machine that has none for Linux.
    format!("{architecture}-unknown-linux-musl")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("x86_64-unknown-linux-gnu" => "x86_64-unknown-linux-gnu"; "linux")]
    #[test_case("aarch64-unknown-linux-musl" => "aarch64-unknown-linux-musl"; "linux with musl")]
    #[test_case("aarch64-apple-darwin" => "aarch64-unknown-linux-musl"; "macOS")]
    fn images_are_for_linux(host: &str) -> String {
        target(host)
    }
}
