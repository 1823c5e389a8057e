//! The node containers of a plan.

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;

use super::{Build, Joined, is_port_taken};
use crate::cluster::container::{self, Join};
use crate::cluster::node::{self, Blueprint};
use crate::cluster::plan::Action;
use crate::cluster::ready::{self, Target};
use crate::cluster::spec::Node;
use crate::cluster::steps::Running;
use crate::cluster::watch::{self, Watched};
use crate::cluster::{Error, entrypoint, free_port, registries, start};
use crate::docker::archive::File;
use crate::event::{Outcome, Step, StepKind};
use crate::kubeconfig::Entry;

/// A node that is in the way may have to be removed first.
const LIMIT: Duration = Duration::from_mins(2);

/// What all nodes get.
struct Given<'a> {
    joined: &'a Joined,
    /// The API server's port on this machine.
    api_port: u16,
    files: &'a [File],
}

impl Build<'_> {
    /// The first server, then side by side: the other nodes, and everything there is to wait for.
    pub(super) async fn nodes(
        &self,
        joined: &Joined,
        registry_port: Option<u16>,
        registry_runs: &CancellationToken,
    ) -> Result<Entry, Error> {
        let files = [entrypoint::file(), self.registries_file(registry_port)];
        let (server, api_port) = self.first_server(joined, &files).await?;
        let given = Given {
            joined,
            api_port,
            files: &files,
        };
        let target = self.target(&given, server.clone(), registry_port);
        // The other nodes are watched as soon as they are made; what is waited for is theirs too.
        let usable_now = CancellationToken::new();
        let others = async {
            let rest = self.plan.nodes.iter().skip(1);
            let others = try_join_all(rest.map(|(node, action)| self.node(&given, *node, action))).await?;
            watch::until(self.cx.engine(), &others, &usable_now).await
        };
        let usable = async {
            let wait = Box::pin(ready::wait(self.cx, &target, registry_runs));
            let entry = watch::unless_trouble(self.cx.engine(), std::slice::from_ref(&server), wait).await?;
            usable_now.cancel();
            Ok(entry)
        };
        let further = start::containers(self.cx, &self.plan.others);
        let ((), (), entry) = tokio::try_join!(others, further, usable)?;
        Ok(entry)
    }

    fn registries_file(&self, registry_port: Option<u16>) -> File {
        File {
            path: "/etc/rancher/k3s/registries.yaml".to_owned(),
            mode: 0o600,
            contents: registries::text(self.spec, registry_port).into_bytes(),
        }
    }

    fn target(&self, given: &Given<'_>, server: Watched, registry_port: Option<u16>) -> Target {
        let stopped = |(_, action): &(Node, Action)| matches!(action, Action::Start(_) | Action::Unpause(_));
        Target {
            server,
            nodes: self.spec.nodes().map(|node| self.cx.name.node(node)).collect(),
            url: self.spec.api.url(given.api_port),
            dns: ready::has_dns(self.spec),
            storage: ready::has_storage(self.spec),
            ours: true,
            gateway: given.joined.network.gateway,
            uncordon: self.plan.nodes.iter().any(stopped),
            registry: self.registry_target(registry_port),
        }
    }

    /// The first server publishes the API server's port; where that is left to us, ports are tried until one is free.
    async fn first_server(&self, joined: &Joined, files: &[File]) -> Result<(Watched, u16), Error> {
        let node = Node::Server(0);
        let action = self
            .plan
            .nodes
            .first()
            .map_or(&Action::Create, |(_, action)| action);
        let labelled = action
            .container()
            .filter(|_| !action.makes())
            .and_then(crate::cluster::Container::api);
        let fixed = labelled.map(|(_, port)| port).or(self.spec.api.port);
        let mut attempt = 1;
        loop {
            let port = fixed
                .map_or_else(|| free_port::find(self.spec.api.ip), Ok)
                .map_err(|source| Error::Step {
                    step: Step::new(StepKind::Node, self.cx.name.node(node)),
                    cause: format!("no port of {} can be opened for the API server", self.spec.api.ip),
                    log: Vec::new(),
                    source: Some(Box::new(source)),
                })?;
            let given = Given {
                joined,
                api_port: port,
                files,
            };
            match self.node(&given, node, action).await {
                // Somebody was faster with a port that we chose.
                Err(error) if fixed.is_none() && attempt < free_port::ATTEMPTS && is_port_taken(&error) => {
                    attempt += 1;
                }
                result => return Ok((result?, port)),
            }
        }
    }

    async fn node(&self, given: &Given<'_>, node: Node, action: &Action) -> Result<Watched, Error> {
        let name = self.cx.name.node(node);
        let step = Step::new(StepKind::Node, name.clone());
        let work = async |_: &Running| {
            let (outcome, id) = match action.container() {
                Some(there) if !action.makes() => {
                    (self.existing_node(given, action, &name).await?, there.id.clone())
                }
                _ => self.new_node(given, node, action, &name).await?,
            };
            Ok((
                outcome,
                Watched {
                    id,
                    name: name.clone(),
                },
            ))
        };
        self.cx.steps.run(step, LIMIT, work).await
    }

    async fn new_node(
        &self,
        given: &Given<'_>,
        node: Node,
        action: &Action,
        name: &str,
    ) -> Result<(Outcome, String), Error> {
        let (steps, engine) = (self.cx.steps, self.cx.engine());
        if let Some(old) = action.container() {
            container::remove(steps, engine, &old.id, &old.name).await?;
        }
        let blueprint = Blueprint {
            spec: self.spec,
            label: &self.label,
            network: &given.joined.network,
            token: &self.token,
            api_port: given.api_port,
        };
        let body = node::body(blueprint, node);
        let id = container::run(steps, engine, name, body, given.files.to_vec(), None).await?;
        let outcome = if action.container().is_some() {
            Outcome::Repaired
        } else {
            Outcome::Created
        };
        Ok((outcome, id))
    }

    async fn existing_node(&self, given: &Given<'_>, action: &Action, name: &str) -> Result<Outcome, Error> {
        let network = &given.joined.network.name;
        let there = action.container();
        let away = there.filter(|there| given.joined.new || !there.networks.contains_key(network));
        let Some(there) = away else {
            return start::one(self.cx, action, vec![entrypoint::file()]).await;
        };
        let (steps, engine) = (self.cx.steps, self.cx.engine());
        if matches!(action, Action::Unpause(_)) {
            // What is frozen hears no signal.
            container::unpause(steps, engine, &there.id, name).await?;
        }
        // One that runs would be on the network again, but publish none of its ports.
        container::stop(steps, engine, &there.id, name, node::STOP_SECONDS).await?;
        let join = Join {
            network: network.clone(),
            alias: name.to_owned(),
        };
        container::rejoin(steps, engine, &there.id, join).await?;
        start::one(self.cx, &Action::Start(there.clone()), vec![entrypoint::file()]).await?;
        Ok(Outcome::Repaired)
    }
}
