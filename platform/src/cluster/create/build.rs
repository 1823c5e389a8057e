//! Makes what a plan says, side by side where nothing depends on the other.

mod nodes;
mod parts;
mod registries;

use tokio_util::sync::CancellationToken;

use crate::cluster::context::Context;
use crate::cluster::network::Network;
use crate::cluster::plan::Plan;
use crate::cluster::ready::{self, RegistryTarget};
use crate::cluster::{Error, Spec, compare, labels, token};
use crate::docker::{Cause, Error as DockerError};
use crate::kubeconfig::Entry;

/// Everything that goes into a cluster.
#[derive(Debug)]
pub(super) struct Build<'a> {
    cx: &'a Context<'a>,
    spec: &'a Spec,
    plan: &'a Plan,
    /// The spec as the containers' label says it.
    label: String,
    token: String,
}

/// What the network step found or made.
#[derive(Debug)]
struct Joined {
    network: Network,
    /// Containers of before are on another one of that name, which is gone.
    new: bool,
}

impl<'a> Build<'a> {
    pub(super) fn new(cx: &'a Context<'a>, spec: &'a Spec, plan: &'a Plan) -> Result<Self, Error> {
        let mut there = plan.nodes.iter().filter_map(|(_, action)| action.container());
        let known = there.find_map(|container| container.labels.get(labels::CLUSTER_TOKEN));
        let token = match known.or(spec.token.as_ref()) {
            Some(token) => token.clone(),
            None => token::random(cx.name)?,
        };
        let label = compare::value(spec).to_string();
        Ok(Self {
            cx,
            spec,
            plan,
            label,
            token,
        })
    }

    /// Makes everything and waits until it is usable.
    pub(super) async fn run(&self) -> Result<Entry, Error> {
        let (joined, (), ()) = tokio::try_join!(self.network(), self.volumes(), self.images())?;
        let runs = CancellationToken::new();
        // The nodes' files name the registry's port: one that is left to us has to be known before.
        let own = self.spec.registry.as_ref();
        let known = own.is_none_or(|registry| registry.port.is_some());
        if known {
            let port = own.and_then(|registry| registry.port);
            let registries = async {
                self.registries(&joined).await?;
                runs.cancel();
                self.registry_answers(port).await
            };
            let (entry, ()) = tokio::try_join!(self.nodes(&joined, port, &runs), registries)?;
            return Ok(entry);
        }
        let port = self.registries(&joined).await?;
        runs.cancel();
        let (entry, ()) = tokio::try_join!(self.nodes(&joined, port, &runs), self.registry_answers(port))?;
        Ok(entry)
    }

    async fn registry_answers(&self, port: Option<u16>) -> Result<(), Error> {
        match self.registry_target(port) {
            Some(registry) => ready::registry_from_host(self.cx, &registry).await,
            None => Ok(()),
        }
    }

    fn registry_target(&self, port: Option<u16>) -> Option<RegistryTarget> {
        let registry = self.spec.registry.as_ref()?;
        Some(RegistryTarget::bound_to(&registry.name, registry.ip, port?))
    }
}

/// Whether a step failed because of a port that somebody else uses.
fn is_port_taken(error: &Error) -> bool {
    let Error::Step {
        source: Some(source), ..
    } = error
    else {
        return false;
    };
    let refused = source.downcast_ref::<DockerError>().and_then(DockerError::cause);
    matches!(refused, Some(Cause::PortTaken { .. }))
}
