//! Streams and consumers through the JetStream API of the NATS server in the cluster.

use std::collections::BTreeMap;

use contract::definition::Definitions;

use super::plan::{deployable, named};
use super::render::definitions_of;
use super::{Cause, Setup, render};
use crate::forward::{self, Forward, Local, Port};
use crate::streams::{self, Difference, JetStream, Login};

/// The usual port of NATS servers.
const NATS: u16 = 4222;

/// A connection to the NATS server of the system, over a port of this machine that ends with it.
#[derive(Debug)]
pub struct Connected {
    /// The server.
    pub jetstream: JetStream,
    _forward: Forward,
}

/// A way to the NATS server of the system, over a port of this machine that ends with it.
#[derive(Debug)]
pub struct Way {
    /// The address on this machine.
    pub url: String,
    /// The user that may change streams, where the server has users.
    pub login: Option<Login>,
    forward: Forward,
}

/// Connects to the NATS server of the system. Where a `Secret` of its name and `-admin` is in its namespace (of the type
/// `kubernetes.io/basic-auth`), with the name and password in it.
///
/// # Errors
/// When the component or its Service is not there, or the server does not answer.
pub async fn jetstream(setup: &Setup) -> Result<Connected, Cause> {
    let way = way(setup).await?;
    let connecting = async {
        match way.login.clone() {
            Some(login) => Ok::<_, Cause>(JetStream::connect_as(&way.url, login).await?),
            None => Ok(JetStream::connect(&way.url).await?),
        }
    };
    let jetstream = tokio::select! {
        biased;
        () = setup.cancel.cancelled() => return Err(Cause::Cancelled),
        jetstream = connecting => jetstream?,
    };
    Ok(Connected {
        jetstream,
        _forward: way.forward,
    })
}

/// Opens the way to the NATS server of the system, which is the component `streams.server` of the project. Nothing is sent to the server.
///
/// # Errors
/// When the component or its Service is not there, or no port can be forwarded to it.
pub async fn way(setup: &Setup) -> Result<Way, Cause> {
    let server = &setup.project.streams_server;
    let component = named(&setup.project, server).ok();
    let deployment = component.and_then(|component| component.deployment.as_ref());
    let namespace = deployment.and_then(|deployment| deployment.namespace.as_deref());
    let namespace = namespace.unwrap_or("default");
    let cluster = &setup.target.cluster;
    let objects = match deployment {
        Some(deployment) => render(setup, server, deployment, &BTreeMap::new()).await?.objects,
        None => Vec::new(),
    };
    let candidates = forward::candidates(server, namespace, &objects, &Port::Number(NATS))?;
    let to = forward::find(cluster, candidates).await?;
    let (options, local) = (forward::Options::default(), Local::loopback(0));
    let (forward, login) = tokio::join!(
        Forward::open(cluster, to, &local, options, |_| ()),
        login(setup, namespace, server),
    );
    let forward = forward?;
    Ok(Way {
        url: format!("nats://{}", forward.local()),
        login: login?,
        forward,
    })
}

/// The user that may change streams, where the server has users.
async fn login(setup: &Setup, namespace: &str, server: &str) -> Result<Option<Login>, Cause> {
    let name = format!("{server}-admin");
    let secret = setup.target.cluster.secret(namespace, &name).await?;
    let data = secret.and_then(|secret| secret.data).unwrap_or_default();
    let text = |key: &str| {
        let value = data.get(key)?;
        Some(String::from_utf8_lossy(&value.0).into_owned())
    };
    let login = text("username").zip(text("password"));
    Ok(login.map(|(user, password)| Login { user, password }))
}

/// What the server's streams and consumers are, compared with the definitions in the manifests of all components; the server may be
/// made right by NACK or by `ratectl`.
///
/// # Errors
/// When definitions are wrong, or the server cannot be reached.
pub async fn drift(setup: &Setup) -> Result<Vec<Difference>, Cause> {
    let (definitions, connected) = tokio::try_join!(definitions(setup), jetstream(setup))?;
    Ok(streams::diff(&connected.jetstream, &definitions).await?)
}

/// The definitions of streams and consumers in the manifests of all components, with the overlays of the profile, whoever makes them.
///
/// # Errors
/// When manifests cannot be read, or definitions in them are wrong or defined twice.
pub async fn definitions(setup: &Setup) -> Result<Definitions, Cause> {
    let mut definitions = Definitions::default();
    for (_, deployment) in deployable(&setup.project) {
        definitions.extend(definitions_of(setup, deployment).await?)?;
    }
    Ok(definitions)
}
