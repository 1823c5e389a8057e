//! Base images: which content a name stands for at the moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use futures_util::future::try_join_all;

use super::variables::Variables;
use crate::docker::credentials;
use crate::docker::endpoint::Environment;
use crate::docker::reference::Reference;
use crate::docker::{self, Engine};
use crate::image::hash::replace;
use crate::image::{Error, Setup};

/// How long a registry may take to name a digest.
const REGISTRY_LIMIT: Duration = Duration::from_secs(10);
/// What registries said last, in the state folder.
const RECORD: &str = "images/bases.json";

/// The digest of each image: that of the one the engine has, else what its registry says, else, while that does not answer, what it said last.
pub(super) async fn digests(
    setup: &Setup,
    component: &str,
    images: &[String],
) -> Result<BTreeMap<String, String>, Error> {
    let engine = setup.engine.get().await?;
    let record = setup.state_dir.join(RECORD);
    let recorded = read(&record);
    let each = images
        .iter()
        .map(|image| digest(engine, component, image, &recorded));
    let digests: BTreeMap<_, _> = images.iter().cloned().zip(try_join_all(each).await?).collect();
    let is_new = |(image, digest): (&String, &String)| recorded.get(image) != Some(digest);
    if digests.iter().any(is_new) {
        // Others may have written meanwhile.
        let mut all = read(&record);
        all.extend(digests.clone());
        if let Ok(text) = serde_json::to_vec_pretty(&all) {
            // Without it, a registry that does not answer is an error.
            drop(replace(&record, &text));
        }
    }
    Ok(digests)
}

fn read(record: &Path) -> BTreeMap<String, String> {
    let text = fs::read(record).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

async fn digest(
    engine: &Engine,
    component: &str,
    image: &str,
    recorded: &BTreeMap<String, String>,
) -> Result<String, Error> {
    let reference: Reference = image.parse().map_err(|error| Error::Definition {
        component: component.to_owned(),
        message: format!("{error}"),
    })?;
    if let Some(digest) = reference.digest() {
        return Ok(digest.to_owned());
    }
    if let Some(digest) = of_engine(engine, &reference).await? {
        return Ok(digest);
    }
    match (of_registry(engine, &reference).await, recorded.get(image)) {
        (Ok(digest), _) => Ok(digest),
        (Err(Error::Docker(error)), Some(digest)) if !is_refusal(&error) => {
            tracing::debug!(%error, image, "taken for unchanged");
            Ok(digest.clone())
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether the registry answered, and does not have it or does not give it.
fn is_refusal(error: &docker::Error) -> bool {
    match error {
        docker::Error::Refused { source, .. } => source.status.is_some_and(|status| status < 500),
        _ => false,
    }
}

async fn of_engine(engine: &Engine, reference: &Reference) -> Result<Option<String>, Error> {
    let name = reference.to_string();
    let found = match engine.api().inspect_image(&name).await {
        Ok(found) => found,
        Err(error) => {
            let error = docker::Error::of(format!("look for image {name}"), error);
            return if error.is_not_found() {
                Ok(None)
            } else {
                Err(error.into())
            };
        }
    };
    // The registry's own digest is the same on every machine.
    let digests = found.repo_digests.unwrap_or_default();
    let of_name = digests.iter().find_map(|digest| {
        let digest: Reference = digest.parse().ok()?;
        (digest.name() == reference.name()).then(|| digest.digest().map(str::to_owned))?
    });
    Ok(of_name.or(found.id))
}

async fn of_registry(engine: &Engine, reference: &Reference) -> Result<String, Error> {
    let name = reference.to_string();
    let operation = format!("ask for base image {name}");
    let found = credentials::find(reference.registry(), &Environment::of_process()).await;
    let (credentials, failure) = match found {
        Ok(credentials) => (credentials, None),
        // Most images are public.
        Err(failure) => (None, Some(failure)),
    };
    let credentials = credentials.map(DockerCredentials::from);
    let asked = engine.api().inspect_registry_image(&name, credentials);
    let answer = match tokio::time::timeout(REGISTRY_LIMIT, asked).await {
        Ok(answer) => answer.map_err(|error| docker::Error::of(operation, error)),
        Err(_) => Err(docker::Error::Silent {
            operation,
            limit: REGISTRY_LIMIT,
        }),
    };
    match (answer, failure) {
        (Ok(answer), _) => match answer.descriptor.digest {
            Some(digest) => Ok(digest),
            None => Err(Error::Registry {
                operation: format!("name the digest of {name}"),
                registry: reference.registry().to_owned(),
                reason: "it names none".to_owned(),
                status: None,
            }),
        },
        (Err(error), Some(failure)) if is_refusal(&error) => Err(failure.into()),
        (Err(error), _) => Err(error.into()),
    }
}

/// The variables that builders set by themselves.
pub(super) async fn platform_variables(setup: &Setup, platform: Option<&str>) -> Result<Variables, Error> {
    let version = setup.engine.get().await?.api().version().await;
    let version = version.map_err(|error| docker::Error::of("tell its platform", error))?;
    let os = version.os.unwrap_or_else(|| "linux".to_owned());
    let own = format!("{os}/{}", version.arch.unwrap_or_default());
    let mut variables = Variables::new();
    for (prefix, platform) in [("BUILD", own.as_str()), ("TARGET", platform.unwrap_or(&own))] {
        let mut parts = platform.splitn(3, '/');
        let mut set = |name: &str, value: &str| variables.insert(format!("{prefix}{name}"), value.to_owned());
        set("PLATFORM", platform);
        for name in ["OS", "ARCH", "VARIANT"] {
            set(name, parts.next().unwrap_or_default());
        }
    }
    Ok(variables)
}
