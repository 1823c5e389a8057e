//! What several checks look at, each asked for once and only when a check wants it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bollard::query_parameters::InspectNetworkOptions;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::machine::{Kind, Machine};
use super::names::{self, Names};
use super::{Finding, Question, blocking};
use crate::causes::{causes, chain};
use crate::cluster::{self, Container, Found, Spec, State, labels};
use crate::docker::{Endpoint, Engine, exec};
use crate::kubernetes;
use crate::status::connection;

/// How long the engine may take to answer for the first time, and again to tell about its machine: seconds where it is busy.
const ENGINE_LIMIT: Duration = Duration::from_secs(5);

/// Why a check that needs the engine is skipped.
pub(super) const NO_ENGINE: &str = "no engine answers";

/// The engine and the cluster, as far as they have been looked at.
pub(super) struct Scene<'a> {
    pub(super) question: &'a Question,
    engine: OnceCell<Result<Reached, Unreached>>,
    found: OnceCell<Result<Option<Found>, String>>,
    kubernetes: OnceCell<Result<kubernetes::Cluster, String>>,
    names: OnceCell<Names>,
}

/// The inside of a cluster: a node in which something can be run.
pub(super) struct Inside<'a> {
    pub(super) engine: &'a Engine,
    pub(super) found: &'a Found,
    pub(super) node: &'a Container,
    network: Option<String>,
}

/// An engine that answers.
pub(super) struct Reached {
    pub(super) engine: Engine,
    pub(super) machine: Machine,
    /// This machine's clock before and after the engine told its own.
    pub(super) asked: (SystemTime, SystemTime),
}

/// No engine, and why.
pub(super) struct Unreached {
    /// Where it was looked for; `None` when that was not to be found out.
    pub(super) endpoint: Option<Endpoint>,
    /// One sentence.
    pub(super) why: String,
}

impl<'a> Scene<'a> {
    pub(super) fn new(question: &'a Question) -> Self {
        Self {
            question,
            engine: OnceCell::new(),
            found: OnceCell::new(),
            kubernetes: OnceCell::new(),
            names: OnceCell::new(),
        }
    }

    /// The engine, or why there is none.
    pub(super) async fn engine(&self) -> Result<&Reached, &Unreached> {
        let reached = self
            .engine
            .get_or_init(|| reach(self.question.docker_host.as_deref()));
        reached.await.as_ref()
    }

    /// The engine, or the finding that `check` had nothing to look at.
    pub(super) async fn reached(&self, check: &'static str) -> Result<&Reached, Vec<Finding>> {
        self.engine()
            .await
            .map_err(|_| vec![Finding::skipped(check, NO_ENGINE)])
    }

    /// The cluster that was asked about, or the finding that `check` had nothing to look at.
    pub(super) async fn found(&self, check: &'static str) -> Result<&Found, Vec<Finding>> {
        let reached = self.reached(check).await?;
        let name = &self.question.spec.name;
        let look = async || {
            cluster::find(&reached.engine, name)
                .await
                .map_err(|error| chain(&error))
        };
        let why = match self.found.get_or_init(look).await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => format!("there is no cluster {name}"),
            Err(why) => why.clone(),
        };
        Err(vec![Finding::skipped(check, why)])
    }

    /// The cluster's Kubernetes API, or why it cannot be asked.
    pub(super) async fn kubernetes(&self) -> Result<&kubernetes::Cluster, &str> {
        let connect = async || match (self.engine().await, self.found("").await) {
            (Ok(reached), Ok(found)) => connection::connect(&reached.engine, found).await,
            _ => Err("there is no cluster".to_owned()),
        };
        self.kubernetes
            .get_or_init(connect)
            .await
            .as_ref()
            .map_err(String::as_str)
    }

    /// The inside of the cluster, or the finding that `check` had nothing to look at.
    pub(super) async fn inside(&self, check: &'static str) -> Result<Inside<'_>, Vec<Finding>> {
        let engine = &self.reached(check).await?.engine;
        let found = self.found(check).await?;
        let node = found.servers().find(|server| server.state == State::Running);
        let node = node.ok_or_else(|| vec![Finding::skipped(check, "no server of the cluster runs")])?;
        let network = node.labels.get(labels::NETWORK).cloned();
        Ok(Inside {
            engine,
            found,
            node,
            network,
        })
    }

    /// What was replied for the names that the cluster has to find, or the finding that `check` had nothing to look at.
    pub(super) async fn names(&self, check: &'static str) -> Result<&Names, Vec<Finding>> {
        let inside = self.inside(check).await?;
        Ok(self.names.get_or_init(|| names::ask(&inside)).await)
    }

    /// The cluster as it was made; where there is none, as it is to be.
    pub(super) async fn wanted(&self) -> Spec {
        let found = self.found("").await.ok().and_then(Found::spec);
        found.unwrap_or_else(|| self.question.spec.clone())
    }

    /// Whether an engine answered when it was asked for.
    pub(super) fn engine_answered(&self) -> bool {
        self.engine.get().is_some_and(Result::is_ok)
    }

    /// The name of the cluster's registry, which programs beside the cluster use as a host name.
    pub(super) fn registry_name(&self) -> Option<String> {
        let registry = self.question.spec.registry.as_ref();
        registry.map(|registry| registry.name.clone())
    }

    /// The engine's machine; when no engine answers, this one, if an engine would run right on it.
    pub(super) async fn machine(&self) -> Option<Cow<'_, Machine>> {
        match self.engine().await {
            Ok(reached) => Some(Cow::Borrowed(&reached.machine)),
            Err(unreached) => {
                let named = unreached.endpoint.as_ref();
                let here = named.is_none_or(|endpoint| endpoint.address.starts_with("unix://"));
                (here && cfg!(target_os = "linux")).then(|| Cow::Owned(Machine::default()))
            }
        }
    }

    /// The lines of a file of the engine's machine, such as one below `/proc`: where that is not this machine, as a node sees it.
    /// `None` when it cannot be read.
    pub(super) async fn file(&self, machine: &Machine, path: &'static str) -> Option<String> {
        if machine.kind == Kind::Here {
            return blocking(move || std::fs::read_to_string(path).ok()).await?;
        }
        let inside = self.inside("").await.ok()?;
        let output = exec::run(inside.engine, &inside.node.name, &["cat", path], ENGINE_LIMIT)
            .await
            .ok()?;
        (output.code == 0).then_some(output.stdout)
    }
}

impl Inside<'_> {
    /// A container's address on the cluster's network.
    pub(super) fn address_of(&self, container: &Container) -> Option<IpAddr> {
        *container.networks.get(self.network.as_ref()?)?
    }

    /// The address of this machine on the cluster's network.
    pub(super) async fn gateway(&self) -> Option<IpAddr> {
        let options = None::<InspectNetworkOptions>;
        let network = self
            .engine
            .api()
            .inspect_network(self.network.as_ref()?, options)
            .await
            .ok()?;
        let config = network
            .ipam?
            .config?
            .into_iter()
            .find_map(|config| config.gateway)?;
        config.parse().ok()
    }
}

async fn reach(flag: Option<&str>) -> Result<Reached, Unreached> {
    let endpoint = Endpoint::find(flag).map_err(|error| unreached(None, &error))?;
    let late = |what: &str| Unreached {
        endpoint: Some(endpoint.clone()),
        why: format!("{what} within {} s", ENGINE_LIMIT.as_secs()),
    };
    let engine = timeout(ENGINE_LIMIT, Engine::connect(&endpoint))
        .await
        .map_err(|_| late("it does not answer"))?
        .map_err(|error| unreached(Some(&endpoint), &error))?;
    let before = SystemTime::now();
    let info = timeout(ENGINE_LIMIT, engine.info())
        .await
        .map_err(|_| late("it answers, and does not tell about itself"))?
        .map_err(|error| unreached(Some(&endpoint), &error))?;
    let asked = (before, SystemTime::now());
    let uname = rustix::system::uname();
    let (name, kernel) = (
        uname.nodename().to_string_lossy(),
        uname.release().to_string_lossy(),
    );
    let machine = Machine::of(info, &endpoint, (&name, &kernel));
    Ok(Reached {
        engine,
        machine,
        asked,
    })
}

fn unreached(endpoint: Option<&Endpoint>, error: &dyn std::error::Error) -> Unreached {
    let causes = causes(error);
    Unreached {
        endpoint: endpoint.cloned(),
        why: if causes.is_empty() {
            error.to_string()
        } else {
            causes
        },
    }
}
