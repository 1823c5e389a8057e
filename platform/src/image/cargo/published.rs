//! Programs that are published on crates.io, in one exact version.

use std::ffi::OsString;
use std::path::PathBuf;

use cargo_metadata::semver::Version;

use super::compiler::Compiler;
use super::settings::Profile;
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

/// A program in one version, as it is to be compiled.
pub(super) struct Published<'a> {
    pub(super) build: &'a CargoBuild,
    pub(super) version: &'a str,
    /// The name of the Cargo profile, and what the project says about it.
    pub(super) profile: (&'a str, &'a Profile),
}

/// Compiles it, unless that was done before with the same compiler and settings.
pub(super) async fn install(
    setup: &Setup,
    component: &str,
    published: &Published<'_>,
    compiler: &Compiler,
) -> Result<PathBuf, Error> {
    let build = published.build;
    let root = published.folder(setup, compiler);
    let program = root.join("bin").join(&build.binary);
    let _turn = compile::turn(setup, component, &compile::PUBLISHED).await;
    if program.is_file() {
        return Ok(program);
    }
    let unwritten = |operation| {
        let path = root.clone();
        move |source| Error::State {
            operation,
            path,
            source,
        }
    };
    std::fs::create_dir_all(&root).map_err(unwritten("make"))?;
    let settings = root.join("profile.toml");
    std::fs::write(&settings, &published.profile.1.settings).map_err(unwritten("write into"))?;
    // A folder of its own, whatever `CARGO_TARGET_DIR` says: that one may be locked for long.
    let scratch = root.join("build");
    let mut words = published.words(compiler);
    for (name, value) in [
        ("--root", &root),
        ("--target-dir", &scratch),
        ("--config", &settings),
    ] {
        words.extend([name.into(), value.into()]);
    }
    words.push(build.package.as_str().into());
    // Not in the project: its toolchain file is not about programs of others.
    compile::run(setup, component, words, &std::env::temp_dir(), compiler).await?;
    // Hundreds of megabytes that nobody needs again; what cannot be removed only takes room.
    if let Err(error) = std::fs::remove_dir_all(&scratch) {
        tracing::debug!(%error, "what was compiled on the way stays");
    }
    Ok(program)
}

impl Published<'_> {
    /// Where it is kept: what is compiled differently lies elsewhere.
    fn folder(&self, setup: &Setup, compiler: &Compiler) -> PathBuf {
        let CargoBuild {
            package,
            features,
            default_features,
            ..
        } = self.build;
        let features = format!("{} {default_features}", features.join(","));
        let (name, profile) = self.profile;
        let with = [
            &compiler.version,
            &compiler.target,
            &features,
            &compile::own_flags(),
            name,
            &profile.part,
        ];
        let kind = short(with.join("\n").as_bytes());
        let folder = format!("{package}-{}-{}", self.version, &kind[..12]);
        setup.state_dir.join(FOLDER).join(folder)
    }

    /// What Cargo is asked for.
    fn words(&self, compiler: &Compiler) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["install", "--locked", "--color", "never", "--no-track", "--force"]
            .map(OsString::from)
            .into();
        let exact = format!("={}", self.version);
        let options = [
            ("--version", exact.as_str()),
            ("--bin", &self.build.binary),
            ("--target", &compiler.target),
            ("--profile", self.profile.0),
        ];
        for (name, value) in options {
            words.extend([name.into(), value.into()]);
        }
        words.extend(compile::features(self.build));
        words
    }
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
