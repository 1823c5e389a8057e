//! Programs that are published on crates.io, in one exact version.

use std::ffi::OsString;
use std::path::PathBuf;

use cargo_metadata::semver::Version;

use super::compiler::Compiler;
use super::{compile, short};
use crate::image::{Error, Setup};
use crate::project::image::CargoBuild;

/// The folder of the state folder where they are kept.
const FOLDER: &str = "programs";

/// The version without its `=`.
pub(super) fn exact(component: &str, version: &str) -> Result<String, Error> {
    let text = version.trim().trim_start_matches('=').trim();
    match Version::parse(text) {
        Ok(version) => Ok(version.to_string()),
        Err(error) => Err(Error::Definition {
            component: component.to_owned(),
            message: format!(
                "'{}' is no exact version such as =1.2.3: {error}",
                crate::plain_line::plain_line(version)
            ),
        }),
    }
}

/// Compiles it, unless that was done before with the same compiler.
pub(super) async fn install(
    setup: &Setup,
    component: &str,
    build: &CargoBuild,
    version: &str,
    compiler: &Compiler,
) -> Result<PathBuf, Error> {
    let (package, target) = (&build.package, &compiler.target);
    let features = build.features.join(",");
    let with = [&compiler.version, target, &features, &compile::own_flags()];
    let kind = short(with.map(String::as_str).join("\n").as_bytes());
    let root = setup
        .state_dir
        .join(FOLDER)
        .join(format!("{package}-{version}-{}", &kind[..12]));
    let program = root.join("bin").join(&build.binary);
    let _turn = compile::turn(setup, component, &compile::PUBLISHED).await;
    if program.is_file() {
        return Ok(program);
    }
    std::fs::create_dir_all(&root).map_err(|source| Error::State {
        operation: "make",
        path: root.clone(),
        source,
    })?;
    let mut words: Vec<OsString> = ["install", "--locked", "--color", "never", "--no-track", "--force"]
        .map(OsString::from)
        .into();
    let exact = format!("={version}");
    // A folder of its own, whatever `CARGO_TARGET_DIR` says: that one may be locked for long.
    let scratch = root.join("build");
    let options = [
        ("--version", exact.as_str().into()),
        ("--bin", build.binary.as_str().into()),
        ("--target", target.as_str().into()),
        ("--root", root.clone().into_os_string()),
        ("--target-dir", scratch.clone().into_os_string()),
    ];
    for (name, value) in options {
        words.extend([name.into(), value]);
    }
    if !features.is_empty() {
        words.extend(["--features".into(), features.into()]);
    }
    words.push(package.into());
    // Not in the project: its toolchain file is not about programs of others.
    compile::run(setup, component, words, &std::env::temp_dir(), compiler).await?;
    // Hundreds of megabytes that nobody needs again; what cannot be removed only takes room.
    if let Err(error) = std::fs::remove_dir_all(&scratch) {
        tracing::debug!(%error, "what was compiled on the way stays");
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("=2.36.1" => Some("2.36.1".to_owned()); "exact")]
    #[test_case("2.36.1" => Some("2.36.1".to_owned()); "exact without its sign")]
    #[test_case("=2.36" => None; "two numbers")]
    #[test_case("^2.36.1" => None; "a range")]
    #[test_case("--git" => None; "an option")]
    fn versions(text: &str) -> Option<String> {
        exact("frontend", text).ok()
    }
}
