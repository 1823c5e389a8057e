//! Building by the engine.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bollard::Docker;
use bollard::auth::DockerCredentials;
use bollard::errors::Error as ApiError;
use bollard::models::BuildInfo;
use bollard::query_parameters::{BuildImageOptions, BuildImageOptionsBuilder, BuilderVersion};
use futures_util::StreamExt as _;

use super::buildkit::BuildKit;
use super::classic::Classic;
use super::failure::Failure;
use super::lines::Teller;
use super::text::Dockerfile;
use super::{Origin, cancelled, files, needed_images, read, send};
use crate::docker::endpoint::Environment;
use crate::docker::reference::{DEFAULT_REGISTRY, Reference};
use crate::docker::{self, credentials};
use crate::image::context::Context;

use crate::image::{Error, Hash, Setup};
use crate::project::image::DockerfileBuild;

/// How long a build may be silent: as long as it takes. What ends it is the connection's end, or somebody who has waited enough.
const SILENCE: Duration = Duration::from_hours(24 * 7);
/// Under which name `BuildKit` asks for the credentials of Docker's own registry.
const DEFAULT_REGISTRY_HOST: &str = "registry-1.docker.io";
/// Under which name the classic builder does.
const DEFAULT_REGISTRY_KEY: &str = "https://index.docker.io/v1/";

/// One of an engine's two builders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// Side by side, with a cache of its own; engines have had it since 18.09.
    BuildKit,
    /// One instruction after the other, each in a container.
    Classic,
}

impl Builder {
    /// `BuildKit`, unless `DOCKER_BUILDKIT` says no.
    pub fn wanted() -> Self {
        match std::env::var("DOCKER_BUILDKIT").as_deref().map(str::trim) {
            Ok("0" | "false" | "FALSE" | "False" | "f" | "F") => Self::Classic,
            _ => Self::BuildKit,
        }
    }
}

/// Builds an image, which the engine then has as `tag`. `hash` is what [`hash`](super::hash()) said.
///
/// Dropping the future ends the build, as cancelling does.
///
/// # Errors
/// When the build fails, with its instruction and last lines; when the engine goes away; when files change meanwhile.
pub async fn build(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
    origin: &Origin,
    hash: &Hash,
    tag: &str,
) -> Result<(), Error> {
    let labels = labels(component, origin, hash);
    let first = build_with(setup, component, build, &labels, tag, Builder::wanted()).await;
    let outcome = match first {
        Err(error) if has_no_buildkit(&error) => {
            build_with(setup, component, build, &labels, tag, Builder::Classic).await
        }
        outcome => outcome,
    };
    outcome?;
    unchanged(setup, component, build, hash).await
}

/// Builds with one of the builders; by the classic one where only that hides a Dockerfile that the ignore file leaves out.
///
/// # Errors
/// As [`build`].
pub async fn build_with(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
    labels: &BTreeMap<String, String>,
    tag: &str,
    builder: Builder,
) -> Result<(), Error> {
    let work = async {
        let job = Job::prepare(setup, component, build, builder).await?;
        job.run(labels, tag).await
    };
    tokio::select! {
        biased;
        () = setup.cancel.cancelled() => Err(cancelled(component)),
        outcome = work => outcome,
    }
}

/// The labels of an image: those of the OCI, without what would differ from build to build, and ours.
fn labels(component: &str, origin: &Origin, hash: &Hash) -> BTreeMap<String, String> {
    let oci = |name: &str| format!("org.opencontainers.image.{name}");
    let mut labels = BTreeMap::from([
        (oci("title"), component.to_owned()),
        (Hash::LABEL.to_owned(), hash.value.clone()),
    ]);
    labels.extend(origin.source.clone().map(|source| (oci("source"), source)));
    labels.extend(
        origin
            .revision
            .clone()
            .map(|revision| (oci("revision"), revision)),
    );
    labels
}

fn has_no_buildkit(error: &Error) -> bool {
    let Error::Build {
        message, step: None, ..
    } = error
    else {
        return false;
    };
    let message = message.to_lowercase();
    message.contains("buildkit")
        && ["not supported", "not enabled", "unsupported"]
            .iter()
            .any(|words| message.contains(words))
}

/// What was built must be what was asked for: under its hash it will be taken for that from now on.
async fn unchanged(
    setup: &Setup,
    component: &str,
    build: &DockerfileBuild,
    hash: &Hash,
) -> Result<(), Error> {
    let mut now = hash.parts.clone();
    now.retain(|name, _| !(name.starts_with("file:") || name == "Dockerfile"));
    now.extend(files(setup, component, build).await?);
    let now = Hash::of(now);
    if now.value == hash.value {
        return Ok(());
    }
    Err(Error::Build {
        component: component.to_owned(),
        step: None,
        line: None,
        message: format!("{} while it was built; build it again", now.why(Some(hash))),
        exit_code: None,
        log: Vec::new(),
    })
}

/// One build.
struct Job<'a> {
    setup: &'a Setup,
    component: &'a str,
    build: &'a DockerfileBuild,
    builder: Builder,
    context: Context,
    dockerfile: Dockerfile,
    credentials: HashMap<String, DockerCredentials>,
}

impl<'a> Job<'a> {
    async fn prepare(
        setup: &'a Setup,
        component: &'a str,
        build: &'a DockerfileBuild,
        builder: Builder,
    ) -> Result<Self, Error> {
        let (folder, path) = (build.context.clone(), build.dockerfile.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let context = Context::read(&folder, &path)?;
            Ok::<_, Error>((context, Dockerfile::parse(&read(&path)?)))
        });
        let looked = looked.await;
        let (context, dockerfile) =
            looked.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        // An archive has one place for files, and BuildKit shows a build all of them.
        let builder = if context.hides_dockerfile() && !dockerfile.needs_buildkit() {
            Builder::Classic
        } else {
            builder
        };
        let context = match builder {
            Builder::BuildKit => context.without_ignore_file(),
            Builder::Classic => context,
        };
        let mut images = needed_images(setup, component, build, &dockerfile).await?;
        if builder == Builder::BuildKit {
            images.extend(dockerfile.syntax.clone());
        }
        Ok(Self {
            setup,
            component,
            build,
            builder,
            context,
            dockerfile,
            credentials: credentials(&images, builder).await,
        })
    }

    async fn run(self, labels: &BTreeMap<String, String>, tag: &str) -> Result<(), Error> {
        let teller = Teller {
            events: self.setup.events.clone(),
            component: self.component.to_owned(),
        };
        let api = without_limit(self.setup.engine.get().await?.api());
        let options = self.options(labels, tag);
        let (archive, trouble) = send::archive(self.context, teller.clone());
        let body = bollard::body_try_stream(archive);
        let mut said = std::pin::pin!(api.build_image(options, Some(self.credentials), Some(body)));
        let mut heard = Heard::by(self.builder);
        let mut failure = None;
        while let Some(info) = said.next().await {
            match info {
                Ok(info) => heard.take(info, &teller).await,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        heard.end(&teller).await;
        if let Some(error) = trouble.take() {
            return Err(error);
        }
        match failure.map(|error| refusal(tag, error)) {
            None => check(&api, tag, labels, self.component).await,
            Some(Ok(message)) => Err(heard
                .failure(message)
                .into_error(self.component, &self.dockerfile)),
            Some(Err(error)) => Err(error.into()),
        }
    }

    fn options(&self, labels: &BTreeMap<String, String>, tag: &str) -> BuildImageOptions {
        let map = |map: &BTreeMap<String, String>| map.clone().into_iter().collect::<HashMap<_, _>>();
        let options = BuildImageOptionsBuilder::new()
            .dockerfile(self.context.dockerfile())
            .t(tag)
            .rm(true)
            .forcerm(true)
            .buildargs(&map(&self.build.args))
            .labels(&map(labels))
            .target(self.build.target.as_deref().unwrap_or_default())
            .platform(self.build.platform.as_deref().unwrap_or_default());
        match self.builder {
            Builder::BuildKit => options
                .version(BuilderVersion::BuilderBuildKit)
                .session(&session())
                .build(),
            Builder::Classic => options.version(BuilderVersion::BuilderV1).build(),
        }
    }
}

/// An engine says nothing while it fetches, and takes as long as it takes.
fn without_limit(api: &Docker) -> Docker {
    api.clone().with_timeout(SILENCE)
}

/// A name that no other build has.
fn session() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    let number = || RandomState::new().hash_one(std::process::id());
    format!("ratectl-{:016x}{:016x}", number(), number())
}

/// The credentials for the registries of these images, under the names by which the builder asks for them. What cannot be had is left
/// out: most images are public, and a registry that refuses says so.
async fn credentials(images: &[String], builder: Builder) -> HashMap<String, DockerCredentials> {
    let environment = Environment::of_process();
    let mut found = HashMap::new();
    for image in images {
        let Ok(reference) = image.parse::<Reference>() else {
            continue;
        };
        let registry = reference.registry();
        let key = match (registry, builder) {
            (DEFAULT_REGISTRY, Builder::BuildKit) => DEFAULT_REGISTRY_HOST,
            (DEFAULT_REGISTRY, Builder::Classic) => DEFAULT_REGISTRY_KEY,
            (registry, _) => registry,
        };
        if found.contains_key(key) {
            continue;
        }
        match credentials::find(registry, &environment).await {
            Ok(Some(credentials)) => {
                found.insert(key.to_owned(), credentials.into());
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, registry, "built without credentials"),
        }
    }
    found
}

/// The builder's own words if it refused, else what happened to the engine.
fn refusal(tag: &str, error: ApiError) -> Result<String, docker::Error> {
    match docker::Error::of(format!("build {tag}"), error) {
        docker::Error::Refused { source, .. } => Ok(source.message),
        error => Err(error),
    }
}

/// Whether the engine has what was built: one can end a broken build without a word.
async fn check(
    api: &Docker,
    tag: &str,
    labels: &BTreeMap<String, String>,
    component: &str,
) -> Result<(), Error> {
    let found = match api.inspect_image(tag).await {
        Ok(found) => found.config.and_then(|config| config.labels).unwrap_or_default(),
        Err(error) => {
            let error = docker::Error::of(format!("look for image {tag}"), error);
            if !error.is_not_found() {
                return Err(error.into());
            }
            HashMap::new()
        }
    };
    if labels.iter().all(|(name, value)| found.get(name) == Some(value)) {
        return Ok(());
    }
    let failure = Failure {
        message: "the engine ended the build without an image and without a word".to_owned(),
        ..Failure::default()
    };
    Err(failure.into_error(component, &Dockerfile::default()))
}

/// The build as far as it was heard of.
enum Heard {
    BuildKit(BuildKit),
    Classic(Classic),
}

impl Heard {
    fn by(builder: Builder) -> Self {
        match builder {
            Builder::BuildKit => Self::BuildKit(BuildKit::default()),
            Builder::Classic => Self::Classic(Classic::default()),
        }
    }

    async fn take(&mut self, info: BuildInfo, teller: &Teller) {
        match self {
            Self::BuildKit(heard) => heard.take(info, teller).await,
            Self::Classic(heard) => heard.take(info, teller).await,
        }
    }

    async fn end(&mut self, teller: &Teller) {
        match self {
            Self::BuildKit(heard) => heard.end(teller).await,
            Self::Classic(heard) => heard.end(teller).await,
        }
    }

    fn failure(self, message: String) -> Failure {
        match self {
            Self::BuildKit(heard) => heard.failure(message),
            Self::Classic(heard) => heard.failure(message),
        }
    }
}
