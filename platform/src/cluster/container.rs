//! Containers: made with their files, started, stopped, removed. Every change is carried out to its end, whoever stops waiting.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{
    ContainerCreateBody, ContainerStateStatusEnum, EndpointSettings, NetworkConnectRequest,
    NetworkDisconnectRequest,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StopContainerOptionsBuilder,
};

use tokio::time::Instant;

use super::labels;
use super::steps::Steps;
use crate::docker::archive::{self, File};
use crate::docker::{self, Cause, Engine};

/// How long a container that a killed process has asked for is waited for, and how often it is looked at.
const UNBORN: Duration = Duration::from_secs(10);
/// Between two looks at a container that is being removed.
const REMOVAL_PAUSE: Duration = Duration::from_millis(50);
const POLL: Duration = Duration::from_millis(100);

/// Makes a container, puts it on a further network and files into it, and starts it; answers its id.
///
/// When it cannot be started, or its files cannot be put, it is removed: what is left in the engine as `created` holds its name.
pub(super) async fn run(
    steps: &Steps,
    engine: &Engine,
    name: &str,
    body: ContainerCreateBody,
    files: Vec<File>,
    further: Option<Join>,
) -> Result<String, docker::Error> {
    let (engine, name) = (engine.clone(), name.to_owned());
    let work = async move {
        let id = create(&engine, &name, body).await?;
        let started = async {
            if let Some(network) = further {
                join(&engine, &id, network).await?;
            }
            if !files.is_empty() {
                archive::put(&engine, &id, &files).await?;
            }
            start_now(&engine, &id, &name).await
        };
        match started.await {
            Ok(()) => Ok(id),
            Err(error) => {
                // The error that brought us here is the one to tell.
                drop(remove_now(&engine, &id, &name).await);
                Err(error)
            }
        }
    };
    steps.change(work).await
}

/// A network to join besides the one a container is made on.
#[derive(Clone, Debug)]
pub(super) struct Join {
    /// The network.
    pub(super) network: String,
    /// The container's name on it.
    pub(super) alias: String,
}

async fn create(engine: &Engine, name: &str, body: ContainerCreateBody) -> Result<String, docker::Error> {
    let until = Instant::now() + UNBORN;
    loop {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let made = engine.api().create_container(Some(options), body.clone()).await;
        let error = match made {
            Ok(made) => return Ok(made.id),
            Err(source) => docker::Error::of(format!("create container {name}"), source),
        };
        let taken = matches!(error.cause(), Some(Cause::NameTaken { .. }));
        if !taken || Instant::now() > until || !is_unborn(engine, name, &body).await {
            return Err(error);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Whether the container that has a name is one that a killed process was about to make for the same cluster. The engine carries on
/// without whoever asked for it; what it has made then is of no use and is removed.
async fn is_unborn(engine: &Engine, name: &str, wanted: &ContainerCreateBody) -> bool {
    let there = match engine.api().inspect_container(name, None).await {
        Ok(there) => there,
        // Its name is taken before it is there.
        Err(error) => return docker::Error::of("look for a container", error).is_not_found(),
    };
    let cluster = |labels: Option<&HashMap<String, String>>| labels?.get(labels::CLUSTER).cloned();
    let same = cluster(there.config.as_ref().and_then(|config| config.labels.as_ref()))
        == cluster(wanted.labels.as_ref());
    let never_started = there.state.and_then(|state| state.status) == Some(ContainerStateStatusEnum::CREATED);
    if same && never_started {
        // Somebody else may have been faster; the next try will tell.
        drop(remove_now(engine, name, name).await);
    }
    same && never_started
}

/// Puts a container on a network, in place of one of the same name that is gone.
pub(super) async fn rejoin(
    steps: &Steps,
    engine: &Engine,
    id: &str,
    network: Join,
) -> Result<(), docker::Error> {
    let (engine, id) = (engine.clone(), id.to_owned());
    let work = async move {
        let request = NetworkDisconnectRequest {
            container: id.clone(),
            force: Some(true),
        };
        // It need not be on it.
        drop(engine.api().disconnect_network(&network.network, request).await);
        join(&engine, &id, network).await
    };
    steps.change(work).await
}

/// Puts a container on a network.
async fn join(engine: &Engine, container: &str, join: Join) -> Result<(), docker::Error> {
    let request = NetworkConnectRequest {
        container: container.to_owned(),
        endpoint_config: Some(EndpointSettings {
            aliases: Some(vec![join.alias]),
            ..EndpointSettings::default()
        }),
    };
    let joined = engine.api().connect_network(&join.network, request).await;
    joined.map_err(|source| {
        docker::Error::of(
            format!("connect container {container} to network {}", join.network),
            source,
        )
    })
}

/// Starts a container; one that runs is fine.
pub(super) async fn start(steps: &Steps, engine: &Engine, id: &str, name: &str) -> Result<(), docker::Error> {
    let (engine, id, name) = (engine.clone(), id.to_owned(), name.to_owned());
    steps
        .change(async move { start_now(&engine, &id, &name).await })
        .await
}

async fn start_now(engine: &Engine, id: &str, name: &str) -> Result<(), docker::Error> {
    let started = engine.api().start_container(id, None).await;
    settled(started).map_err(|source| docker::Error::of(format!("start container {name}"), source))
}

/// Lets a frozen container go on.
pub(super) async fn unpause(
    steps: &Steps,
    engine: &Engine,
    id: &str,
    name: &str,
) -> Result<(), docker::Error> {
    let (engine, id, name) = (engine.clone(), id.to_owned(), name.to_owned());
    let work = async move {
        let unpaused = engine.api().unpause_container(&id).await;
        unpaused.map_err(|source| docker::Error::of(format!("unpause container {name}"), source))
    };
    steps.change(work).await
}

/// Asks a container to end, and kills it when `grace_seconds` have passed; one that does not run is fine.
pub(super) async fn stop(
    steps: &Steps,
    engine: &Engine,
    id: &str,
    name: &str,
    grace_seconds: i32,
) -> Result<(), docker::Error> {
    let (engine, id, name) = (engine.clone(), id.to_owned(), name.to_owned());
    let work = async move {
        let options = StopContainerOptionsBuilder::new().t(grace_seconds).build();
        let stopped = engine.api().stop_container(&id, Some(options)).await;
        settled(stopped).map_err(|source| docker::Error::of(format!("stop container {name}"), source))
    };
    steps.change(work).await
}

/// Kills and removes a container with its anonymous volumes; one that is gone is fine.
pub(super) async fn remove(
    steps: &Steps,
    engine: &Engine,
    id: &str,
    name: &str,
) -> Result<(), docker::Error> {
    let (engine, id, name) = (engine.clone(), id.to_owned(), name.to_owned());
    steps
        .change(async move { remove_now(&engine, &id, &name).await })
        .await
}

async fn remove_now(engine: &Engine, id: &str, name: &str) -> Result<(), docker::Error> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removed = engine.api().remove_container(id, Some(options)).await;
    let in_progress = is_in_progress(&removed);
    gone(removed).map_err(|source| docker::Error::of(format!("remove container {name}"), source))?;
    if in_progress {
        // Its name is free only afterwards.
        Box::pin(until_gone(engine, id, name)).await?;
    }
    Ok(())
}

/// Waits until a container is gone that somebody removes; whoever waits has a limit.
async fn until_gone(engine: &Engine, id: &str, name: &str) -> Result<(), docker::Error> {
    loop {
        match engine.api().inspect_container(id, None).await {
            Ok(_) => tokio::time::sleep(REMOVAL_PAUSE).await,
            Err(source) => {
                let error = docker::Error::of(format!("look at container {name}"), source);
                return if error.is_not_found() { Ok(()) } else { Err(error) };
            }
        }
    }
}

/// 409 "already in progress": somebody is removing it.
fn is_in_progress(result: &Result<(), bollard::errors::Error>) -> bool {
    matches!(
        result,
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 409, message })
            if message.contains("already in progress")
    )
}

/// 304: it is so already.
fn settled(result: Result<(), bollard::errors::Error>) -> Result<(), bollard::errors::Error> {
    match result {
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 304, .. }) => Ok(()),
        result => result,
    }
}

/// 404: it is gone; 409 "already in progress": somebody is removing it.
pub(super) fn gone(result: Result<(), bollard::errors::Error>) -> Result<(), bollard::errors::Error> {
    match result {
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
        result if is_in_progress(&result) => Ok(()),
        result => result,
    }
}
