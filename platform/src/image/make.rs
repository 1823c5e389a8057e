//! From a component's definition to a reference with a digest: what it is made from, whether the registry has that, and building
//! and pushing it if not.

mod stage;

use std::time::Duration;

use super::cargo::{self, Compiled};
use super::dockerfile::{self, Origin};
use super::push::{direct, engine};
use super::registry::Repository;
use super::scratch::{self, Assembled, FileError, Parts};
use super::{Error, Hash, Setup, git};
use crate::docker;
use crate::docker::endpoint::Environment;
use crate::event::{Outcome, Stage, StepKind};
use crate::project::image::{Build, CargoBuild, DockerfileBuild, Image};

use stage::Limited;

/// How long a build may take.
const BUILD_WITHIN: Duration = Duration::from_hours(1);
/// How long a push may take.
const PUSH_WITHIN: Duration = Duration::from_mins(30);

/// An image that a cluster can pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// As manifests name it: `localhost:5000/rating-service:0f3a…@sha256:9f1…`.
    pub reference: String,
    /// Its digest.
    pub digest: String,
    /// [`Outcome::Unchanged`] if the registry had it, else [`Outcome::Built`].
    pub outcome: Outcome,
    /// Why it was built, in a few words; empty if it was not.
    pub why: String,
    /// Milliseconds it took to build.
    pub build_ms: u64,
    /// Milliseconds it took to push.
    pub push_ms: u64,
}

/// An image as it would be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// As manifests name it: with the digest if the registry has it, or else with the tag alone.
    pub reference: String,
    /// Its digest, if the registry has it.
    pub digest: Option<String>,
    /// Why it would be built, in a few words; empty if it would not.
    pub why: String,
}

/// What [`make`] would do with a component's image. Builds and sends nothing.
///
/// # Errors
/// When what it is made from cannot be read, or the registry does not answer, and when that is cancelled.
pub async fn find(
    setup: &Setup,
    component: &str,
    image: &Image,
    cargo_profile: &str,
) -> Result<Planned, Error> {
    let work = Work::of(setup, component, image)?;
    tokio::select! {
        biased;
        () = setup.cancel.cancelled() => Err(Error::Cancelled { component: component.to_owned() }),
        planned = work.planned(cargo_profile) => planned,
    }
}

/// Sees to it that the registry has a component's image. `cargo_profile` is for images that name none themselves.
///
/// Several may be made side by side; their lines of output come with their component.
///
/// # Errors
/// When it cannot be built or pushed, and when that is cancelled.
pub async fn make(setup: &Setup, component: &str, image: &Image, cargo_profile: &str) -> Result<Made, Error> {
    let work = Work::of(setup, component, image)?;
    tokio::select! {
        biased;
        () = setup.cancel.cancelled() => Err(Error::Cancelled { component: component.to_owned() }),
        made = work.made(cargo_profile) => made,
    }
}

/// One image in the making.
struct Work<'a> {
    setup: &'a Setup,
    component: &'a str,
    image: &'a Image,
    repository: Repository,
}

impl<'a> Work<'a> {
    fn of(setup: &'a Setup, component: &'a str, image: &'a Image) -> Result<Self, Error> {
        let repository = Repository::of(&setup.push, &image.name, Environment::of_process())?;
        Ok(Self {
            setup,
            component,
            image,
            repository,
        })
    }

    async fn made(&self, cargo_profile: &str) -> Result<Made, Error> {
        let building = Limited::begin(self.setup, StepKind::Build, self.component, BUILD_WITHIN);
        let found = building.run(self.find(cargo_profile)).await?;
        let hash = found.recipe.hash();
        if let Some(digest) = found.digest {
            building.stage.done(Outcome::Unchanged);
            self.remember(hash);
            return Ok(self.result(&hash.value, digest, Outcome::Unchanged));
        }
        let why = self.why(hash);
        building.stage.waiting(&why);
        let image = building.run(self.build(&found.recipe)).await?;
        let build_ms = building.stage.done(Outcome::Built);
        let pushing = Limited::begin(self.setup, StepKind::Push, self.component, PUSH_WITHIN);
        let digest = pushing
            .run(self.push(&hash.value, &image, &pushing.stage))
            .await?;
        let push_ms = pushing.stage.done(Outcome::Pushed);
        self.remember(hash);
        Ok(Made {
            why,
            build_ms,
            push_ms,
            ..self.result(&hash.value, digest, Outcome::Built)
        })
    }

    async fn planned(&self, cargo_profile: &str) -> Result<Planned, Error> {
        let found = self.find(cargo_profile).await?;
        let hash = found.recipe.hash();
        Ok(match found.digest {
            Some(digest) => Planned {
                reference: self.reference(&hash.value, Some(&digest)),
                digest: Some(digest),
                why: String::new(),
            },
            None => Planned {
                reference: self.reference(&hash.value, None),
                digest: None,
                why: self.why(hash),
            },
        })
    }

    /// What it is made from, and its digest if the registry has it.
    async fn find(&self, cargo_profile: &str) -> Result<Found<'_>, Error> {
        let recipe = match &self.image.build {
            Build::Cargo(build) => {
                let profile = build.profile.as_deref().unwrap_or(cargo_profile);
                let prepared = cargo::prepare(self.component, build, profile).await?;
                let profile = profile.to_owned();
                Recipe::Cargo {
                    prepared,
                    build,
                    profile,
                }
            }
            Build::Dockerfile(build) => self.of_dockerfile(build.clone(), Origin::default()).await?,
            Build::Git(build) => {
                let checkout = git::checkout(self.setup, self.component, build).await?;
                self.of_dockerfile(checkout.build, checkout.origin).await?
            }
        };
        let digest = self.repository.digest(&recipe.hash().value).await?;
        Ok(Found { recipe, digest })
    }

    async fn of_dockerfile(&self, build: DockerfileBuild, origin: Origin) -> Result<Recipe<'static>, Error> {
        let hash = dockerfile::hash(self.setup, self.component, &build, &origin).await?;
        Ok(Recipe::Dockerfile { hash, build, origin })
    }

    /// Why it has to be built.
    fn why(&self, hash: &Hash) -> String {
        let last = Hash::last(&self.setup.state_dir, &self.image.name);
        match &last {
            Some(last) if last.value == hash.value => {
                format!(
                    "registry {} does not have it any more",
                    self.repository.registry()
                )
            }
            last => hash.why(last.as_ref()),
        }
    }

    /// For the next time's why. A record that cannot be written costs no more than that.
    fn remember(&self, hash: &Hash) {
        if Hash::last(&self.setup.state_dir, &self.image.name).is_none_or(|last| last != *hash)
            && let Err(error) = hash.remember(&self.setup.state_dir, &self.image.name)
        {
            tracing::debug!(%error, "what an image was made from is not kept");
        }
    }

    /// Builds it, or finds it built.
    async fn build(&self, recipe: &Recipe<'_>) -> Result<Ready, Error> {
        match recipe {
            Recipe::Cargo {
                prepared,
                build,
                profile,
            } => {
                let compiled = prepared
                    .compile(self.setup, self.component, build, profile)
                    .await?;
                let image = self.assemble(compiled, build, &prepared.hash).await?;
                Ok(Ready::InMemory(image))
            }
            Recipe::Dockerfile { hash, build, origin } => {
                let (setup, component) = (self.setup, self.component);
                let name = format!("{}:{}", self.repository.name(), hash.value);
                if !docker::image::is_present(setup.engine.get().await?, &name).await? {
                    dockerfile::build(setup, component, build, origin, hash, &name).await?;
                }
                Ok(Ready::InEngine)
            }
        }
    }

    async fn assemble(
        &self,
        compiled: Compiled,
        build: &CargoBuild,
        hash: &Hash,
    ) -> Result<Assembled, Error> {
        let _turn = compiled.turn;
        let mut labels = compiled.labels;
        labels.push((Hash::LABEL.to_owned(), hash.value.clone()));
        let parts = Parts {
            program: compiled.program,
            name: build.binary.clone(),
            command: build.command.clone(),
            files: build
                .files
                .iter()
                .map(|files| (files.here.clone(), files.there.clone()))
                .collect(),
            architecture: compiled.architecture,
            labels,
            // On this machine, or beside it, nothing is gained by sending less.
            packed: !self.repository.is_near(),
        };
        let assembling = tokio::task::spawn_blocking(move || scratch::assemble(&parts));
        let assembled = assembling
            .await
            .expect("putting an image together does not panic");
        assembled.map_err(|FileError { path, source }| Error::Context {
            operation: "read",
            path,
            source,
        })
    }

    async fn push(&self, tag: &str, image: &Ready, pushing: &Stage) -> Result<String, Error> {
        let tell = |done, total| pushing.progress(done, Some(total));
        let repository = &self.repository;
        let name = match image {
            Ready::InMemory(image) => return direct::push(repository, tag, image, tell).await,
            Ready::InEngine => repository.name(),
        };
        let (engine, registry) = (self.setup.engine.get().await?, repository.registry());
        let environment = Environment::of_process();
        let told = engine::push(engine, (&name, tag), registry, &environment, tell).await?;
        // What the registry has is what a cluster gets.
        let found = repository.digest(tag).await?;
        found.or(told).ok_or_else(|| Error::Push {
            reference: format!("{name}:{tag}"),
            reason: format!("the engine has pushed it, and registry {registry} does not have it"),
        })
    }

    fn reference(&self, tag: &str, digest: Option<&str>) -> String {
        let registry = self
            .setup
            .pull
            .rsplit("://")
            .next()
            .unwrap_or_default()
            .trim_end_matches('/');
        let name = format!("{registry}/{}:{tag}", self.image.name);
        digest.map_or_else(|| name.clone(), |digest| format!("{name}@{digest}"))
    }

    fn result(&self, tag: &str, digest: String, outcome: Outcome) -> Made {
        Made {
            reference: self.reference(tag, Some(&digest)),
            digest,
            outcome,
            why: String::new(),
            build_ms: 0,
            push_ms: 0,
        }
    }
}

/// What there is to do.
struct Found<'a> {
    recipe: Recipe<'a>,
    /// What the registry has.
    digest: Option<String>,
}

/// How an image is made.
enum Recipe<'a> {
    Cargo {
        prepared: cargo::Prepared,
        build: &'a CargoBuild,
        profile: String,
    },
    Dockerfile {
        hash: Hash,
        build: DockerfileBuild,
        origin: Origin,
    },
}

/// An image that can be pushed.
enum Ready {
    InMemory(Assembled),
    /// Under its name and tag.
    InEngine,
}

impl Recipe<'_> {
    fn hash(&self) -> &Hash {
        match self {
            Self::Cargo { prepared, .. } => &prepared.hash,
            Self::Dockerfile { hash, .. } => hash,
        }
    }
}
