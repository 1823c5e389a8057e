//! Programs of Cargo workspaces and of crates.io, compiled on this machine into static binaries.
//!
//! `prepare` finds out what a program is made from without compiling anything, `Prepared::compile` makes it.

mod command;
mod compile;
mod compiler;
mod elf;
mod files;
mod labels;
mod lock;
mod published;
mod settings;
mod sources;
mod workspace;

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::hash::hex;
use super::{Error, Hash, Setup};
use crate::project::image::CargoBuild;

use compiler::Compiler;
use published::Published;
use settings::Profile;
use workspace::Workspace;

/// Counted up when images are put together in another way, so that all are made again.
const RECIPE: &str = "1";

/// A program that could be compiled.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What its image is made from.
    pub(super) hash: Hash,
    compiler: Compiler,
    origin: Origin,
}

/// Where a program's source is.
#[derive(Debug)]
enum Origin {
    Workspace(Box<Workspace>),
    Published { version: String, profile: Profile },
}

/// A program that was compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The binary, static.
    pub(super) program: PathBuf,
    /// As in Rust: `x86_64`, `aarch64`.
    pub(super) architecture: &'static str,
    /// Labels for its image, by the names that OCI gives them.
    pub(super) labels: Vec<(String, String)>,
    /// To be held until the binary has been read: the next program may have its name.
    pub(super) turn: Option<compile::Turn>,
}

/// What an image of this program is made from.
///
/// # Errors
/// When there is no such package, or Cargo, a lock file or a source cannot be used.
pub async fn hash(component: &str, build: &CargoBuild, profile: &str) -> Result<Hash, Error> {
    Ok(prepare(component, build, profile).await?.hash)
}

/// Finds out what there is to compile.
pub(super) async fn prepare(component: &str, build: &CargoBuild, profile: &str) -> Result<Prepared, Error> {
    let (compiler, origin) = match &build.version {
        None if !build.folder.is_dir() => {
            return Err(Error::Definition {
                component: component.to_owned(),
                message: format!("there is no folder {}", build.folder.display()),
            });
        }
        None => {
            let found = Workspace::find(&build.folder);
            let (compiler, workspace) = tokio::try_join!(Compiler::find(&build.folder), found)?;
            (compiler, Origin::Workspace(Box::new(workspace)))
        }
        Some(version) => {
            let version = published::exact(component, version)?;
            let compiler = Compiler::find(&std::env::temp_dir()).await?;
            let profile = Profile::find(&build.folder, profile)?;
            (compiler, Origin::Published { version, profile })
        }
    };
    let asked = Asked {
        component: component.to_owned(),
        build: build.clone(),
        profile: profile.to_owned(),
    };
    // Thousands of files may have to be read.
    let reading = tokio::task::spawn_blocking(move || {
        let parts = asked.parts(&compiler, &origin)?;
        Ok(Prepared {
            hash: Hash::of(parts),
            compiler,
            origin,
        })
    });
    reading.await.expect("reading sources does not panic")
}

/// A build, as it was asked for.
struct Asked {
    component: String,
    build: CargoBuild,
    profile: String,
}

impl Asked {
    fn parts(&self, compiler: &Compiler, origin: &Origin) -> Result<BTreeMap<String, String>, Error> {
        let build = &self.build;
        let mut parts = BTreeMap::from([
            ("ratectl's recipe".to_owned(), RECIPE.to_owned()),
            ("the compiler".to_owned(), compiler.version.clone()),
            ("the target".to_owned(), compiler.target.clone()),
            ("the name of the binary".to_owned(), build.binary.clone()),
        ]);
        let mut put = |name: &str, value: String| {
            if !value.is_empty() {
                parts.insert(name.to_owned(), value);
            }
        };
        put("the list of features", build.features.join(","));
        if !build.default_features {
            put("the default features", "off".to_owned());
        }
        put("the command", build.command.join("\0"));
        put("RUSTFLAGS", compile::own_flags());
        match origin {
            Origin::Published { version, profile } => {
                put("the version", format!("{} {version}", build.package));
                put(settings::PROFILE, profile.part.clone());
            }
            Origin::Workspace(workspace) => parts.extend(self.parts_of_workspace(workspace)?),
        }
        for files in &build.files {
            files::hash(files, &mut parts)?;
        }
        Ok(parts)
    }

    fn parts_of_workspace(&self, workspace: &Workspace) -> Result<BTreeMap<String, String>, Error> {
        let closure = workspace.closure(&self.component, &self.build)?;
        let mut parts = settings::parts(workspace, &self.profile)?;
        for package in &closure {
            parts.insert(
                format!("{}/Cargo.toml", workspace.below(&package.folder)),
                short(package.manifest(workspace).as_bytes()),
            );
        }
        parts.extend(lock::parts(&workspace.root, &closure)?);
        sources::hash_packages(workspace, &closure, &mut parts)?;
        Ok(parts)
    }
}

impl Prepared {
    /// Compiles it, or finds it compiled, and has the files made that go with it.
    ///
    /// # Errors
    /// When it does not compile, or is not static, or a file is not made.
    pub(super) async fn compile(
        &self,
        setup: &Setup,
        component: &str,
        build: &CargoBuild,
        profile: &str,
    ) -> Result<Compiled, Error> {
        let made = files::make(setup, component, &build.files);
        let (compiled, ()) = tokio::try_join!(self.compile_program(setup, component, build, profile), made)?;
        Ok(compiled)
    }

    async fn compile_program(
        &self,
        setup: &Setup,
        component: &str,
        build: &CargoBuild,
        profile: &str,
    ) -> Result<Compiled, Error> {
        self.compiler.check_target(component).await?;
        let (program, labels, turn) = match &self.origin {
            Origin::Workspace(workspace) => {
                let (program, turn) =
                    compile::compile(setup, component, build, profile, &self.compiler, workspace).await?;
                (program, labels::of(workspace, component, build).await, Some(turn))
            }
            Origin::Published {
                version,
                profile: settings,
            } => {
                let published = Published {
                    build,
                    version,
                    profile: (profile, settings),
                };
                let program = published::install(setup, component, &published, &self.compiler).await?;
                (program, labels::of_published(build, version), None)
            }
        };
        elf::check_file(component, &program, ARCH)?;
        Ok(Compiled {
            program,
            architecture: ARCH,
            labels,
            turn,
        })
    }
}

/// A digest that tells changes apart.
fn short(bytes: &[u8]) -> String {
    let mut digits = hex(&Sha256::digest(bytes));
    digits.truncate(32);
    digits
}

/// A file that cannot be used.
fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Context {
        operation: "read",
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
