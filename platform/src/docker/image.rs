//! Images: whether the engine has one, and pulling it when not.

mod progress;

use std::time::Duration;

use bollard::Docker;
use bollard::auth::DockerCredentials;
use bollard::errors::Error as ApiError;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt as _;

use super::credentials::{self, Credentials};
use super::endpoint::Environment;
use super::reference::Reference;
use super::{Cause, Engine, Error};
use crate::event::Outcome;
use progress::Progress;

/// How long a pull may be silent: resolving a name, waiting for a slow registry, checking a large layer.
const SILENCE: Duration = Duration::from_mins(5);

/// Sees to it that the engine has the image: nothing is asked of a registry when it does.
///
/// `on_progress` is told bytes done, and bytes in all once every layer's size is known. Dropping the future ends the pull.
///
/// # Errors
/// When `reference` is none, and when the image cannot be pulled, with the [`Cause`].
pub async fn ensure(
    engine: &Engine,
    reference: &str,
    on_progress: impl FnMut(u64, Option<u64>),
) -> Result<Outcome, Error> {
    ensure_in(engine, reference, &Environment::of_process(), on_progress).await
}

/// [`ensure`] with an environment given as a value, which says where credentials are.
///
/// # Errors
/// As `ensure`.
pub async fn ensure_in(
    engine: &Engine,
    reference: &str,
    environment: &Environment,
    on_progress: impl FnMut(u64, Option<u64>),
) -> Result<Outcome, Error> {
    let parsed: Reference = reference.parse()?;
    if is_present(engine, reference).await? {
        return Ok(Outcome::Unchanged);
    }
    let found = credentials::find(parsed.registry(), environment).await;
    let (credentials, failure) = match found {
        Ok(credentials) => (credentials, None),
        // Most images are public: a broken helper matters only when the registry refuses.
        Err(failure) => (None, Some(failure)),
    };
    match (pull(engine, &parsed, credentials, on_progress).await, failure) {
        (Ok(()), _) => {}
        (Err(refusal), Some(failure)) if wants_credentials(&refusal) => return Err(failure.into()),
        (Err(error), _) => return Err(error),
    }
    // An engine can end a broken pull without a word.
    inspect(engine.api(), reference).await?;
    Ok(Outcome::Pulled)
}

/// Whether the engine has the image.
///
/// # Errors
/// When the engine cannot say.
pub async fn is_present(engine: &Engine, reference: &str) -> Result<bool, Error> {
    match inspect(engine.api(), reference).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

async fn inspect(api: &Docker, reference: &str) -> Result<(), Error> {
    match api.inspect_image(reference).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::of(format!("look for image {reference}"), error)),
    }
}

fn wants_credentials(error: &Error) -> bool {
    matches!(
        error.cause(),
        Some(Cause::PullRefused | Cause::NotInRegistry | Cause::RateLimited)
    )
}

async fn pull(
    engine: &Engine,
    reference: &Reference,
    credentials: Option<Credentials>,
    mut on_progress: impl FnMut(u64, Option<u64>),
) -> Result<(), Error> {
    let operation = format!("pull image {reference}");
    // The engine takes a digest for a tag.
    let tag = reference.digest().or(reference.tag()).unwrap_or_default();
    let options = CreateImageOptionsBuilder::new()
        .from_image(&reference.name())
        .tag(tag)
        .build();
    let api = engine.api().clone().with_timeout(SILENCE);
    let credentials = credentials.map(DockerCredentials::from);
    let mut lines = api.create_image(Some(options), None, credentials);
    let mut progress = Progress::default();
    loop {
        match tokio::time::timeout(SILENCE, lines.next()).await {
            Ok(Some(Ok(line))) => {
                if let Some((done, total)) = progress.take(&line) {
                    on_progress(done, total);
                }
            }
            Ok(Some(Err(ApiError::RequestTimeoutError))) | Err(_) => {
                let limit = SILENCE;
                return Err(Error::Silent { operation, limit });
            }
            Ok(Some(Err(error))) => return Err(Error::of(operation, error)),
            Ok(None) => return Ok(()),
        }
    }
}
