//! Images from a Dockerfile in a git repository: a reference is pinned to a commit, and the commit's files lie in a folder.

mod address;
mod commit;
mod program;
mod repository;

use std::path::{Component, Path, PathBuf};

use super::dockerfile::Origin;
use super::{Error, Setup};
use crate::project::image::{DockerfileBuild, GitBuild};
use address::Address;
use repository::Repository;

/// The files of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The same build, of a folder on this machine.
    pub build: DockerfileBuild,
    /// Repository and commit.
    pub origin: Origin,
}

/// Finds out which commit is meant, and has its files. A commit that is here already costs no download, and one that is written out in
/// full no question either.
///
/// # Errors
/// When there is no git, the repository does not answer or asks for a password, and when it has no such reference, folder or file.
pub async fn checkout(setup: &Setup, component: &str, build: &GitBuild) -> Result<Checkout, Error> {
    let work = async {
        let address = Address::parse(&build.url)?;
        let git = program::Git::new(setup, &address);
        let commit = commit::pin(&git, &address, build.reference.as_deref()).await?;
        let repository = Repository::of(setup, &address);
        let tree = repository.tree(&git, &address, &commit).await?;
        let context = inside(&address, &tree, &tree, build.folder.as_deref().unwrap_or("."))?;
        let dockerfile = build.dockerfile.as_deref().unwrap_or("Dockerfile");
        Ok(Checkout {
            build: DockerfileBuild {
                dockerfile: inside(&address, &tree, &context, dockerfile)?,
                context,
                target: build.target.clone(),
                args: build.args.clone(),
                platform: build.platform.clone(),
            },
            origin: Origin {
                source: Some(address.shown().to_owned()),
                revision: Some(commit.id),
            },
        })
    };
    tokio::select! {
        biased;
        () = setup.cancel.cancelled() => Err(Error::Cancelled { component: component.to_owned() }),
        checkout = work => checkout,
    }
}

/// A path of the repository on this machine, which no link leads out of it.
fn inside(address: &Address, tree: &Path, folder: &Path, relative: &str) -> Result<PathBuf, Error> {
    let refused = |reason: String| Error::Git {
        operation: format!("find {relative} in {}", address.shown()),
        reason,
    };
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(relative).components().all(is_plain) {
        return Err(refused("it is no path inside the repository".to_owned()));
    }
    let path = folder.join(relative);
    let real = |path: &Path| {
        path.canonicalize()
            .map_err(|error| refused(crate::causes::chain(&error)))
    };
    let (real_path, real_tree) = (real(&path)?, real(tree)?);
    if real_path.starts_with(&real_tree) {
        Ok(real_path)
    } else {
        Err(refused("a link leads out of the repository".to_owned()))
    }
}
