//! Images from a Dockerfile and a folder, built by the engine.

mod bases;
mod build;
mod buildkit;
mod classic;
mod failure;
mod lines;
mod send;
mod stages;
mod text;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::hash::hex;
use super::{Error, Hash, Setup};
use crate::project::image::DockerfileBuild;
use stages::Wrong;
use text::Dockerfile;

pub use build::{Builder, build, build_with};

/// A change here makes every image anew: what this program does with a Dockerfile has changed.
const FORMAT: &str = "1";

/// Where what is built comes from, for the image's labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The repository's URL, without credentials.
    pub source: Option<String>,
    /// The commit.
    pub revision: Option<String>,
}

/// What an image is made from: Dockerfile, files that the build sees, arguments, target, platform, digests of base images, origin.
///
/// # Errors
/// When a file cannot be read, the Dockerfile names no images, or a base image is neither in the engine nor in its registry.
pub async fn hash(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
    origin: &Origin,
) -> Result<Hash, Error> {
    let mut parts = files(setup, component, build).await?;
    let dockerfile = read(&build.dockerfile)?;
    let images = needed_images(setup, component, build, &Dockerfile::parse(&dockerfile)).await?;
    for (image, digest) in bases::digests(setup, component, &images).await? {
        parts.insert(format!("base:{image}"), digest);
    }
    for (name, value) in &build.args {
        parts.insert(format!("argument:{name}"), digest(value.as_bytes()));
    }
    let others = [
        ("target", build.target.as_ref()),
        ("platform", build.platform.as_ref()),
        ("repository", origin.source.as_ref()),
        ("commit", origin.revision.as_ref()),
        ("ratectl", Some(&FORMAT.to_owned())),
    ];
    for (name, value) in others {
        if let Some(value) = value {
            parts.insert(name.to_owned(), value.clone());
        }
    }
    Ok(Hash::of(parts))
}

/// The parts that are files. The Dockerfile is one of them wherever it lies.
async fn files(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
) -> Result<BTreeMap<String, String>, Error> {
    let (state_dir, cancel) = (setup.state_dir.clone(), setup.cancel.clone());
    let (folder, dockerfile) = (build.context.clone(), build.dockerfile.clone());
    let work = move || {
        let context = Context::read(&folder, &dockerfile)?;
        let mut said = context.content(&state_dir, &|| !cancel.is_cancelled())?;
        let text = match said.remove(context.dockerfile()) {
            Some(text) => text,
            None => digest(read(&dockerfile)?.as_bytes()),
        };
        let files = said
            .into_iter()
            .map(|(name, said)| (format!("file:{name}"), said));
        let mut parts: BTreeMap<String, String> = files.collect();
        parts.insert("Dockerfile".to_owned(), text);
        Ok(parts)
    };
    let done = tokio::task::spawn_blocking(work).await;
    let parts = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    if setup.cancel.is_cancelled() {
        return Err(cancelled(component));
    }
    parts
}

/// The images from elsewhere that the build needs.
async fn needed_images(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
    dockerfile: &Dockerfile,
) -> Result<Vec<String>, Error> {
    let with_variables =
        |instruction: &text::Instruction| instruction.keyword == "FROM" && instruction.rest.contains('$');
    let platform = if dockerfile.instructions.iter().any(with_variables) {
        bases::platform_variables(setup, build.platform.as_deref()).await?
    } else {
        BTreeMap::new()
    };
    let found = stages::images(dockerfile, build.target.as_deref(), &platform, &build.args);
    found.map_err(|Wrong { line, message }| {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let message = crate::plain_line::plain_line(&message);
        Error::Definition {
            component: component.to_owned(),
            message: format!("{}{line}: {message}", build.dockerfile.display()),
        }
    })
}

fn read(path: &Path) -> Result<String, Error> {
    let text = fs::read(path).map_err(|source| Error::Context {
        operation: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn digest(bytes: &[u8]) -> String {
    let mut digest = hex(&Sha256::digest(bytes));
    digest.truncate(32);
    digest
}

fn cancelled(component: &str) -> Error {
    Error::Cancelled {
        component: component.to_owned(),
    }
}
