//! The registry containers of a plan.

use std::time::Duration;

use super::{Build, Joined, is_port_taken};
use crate::cluster::container::{self, Join};
use crate::cluster::plan::Action;
use crate::cluster::registry::{self, Wanted};
use crate::cluster::steps::Running;
use crate::cluster::{Container, Error, free_port, start};
use crate::event::{Outcome, Step, StepKind};

/// For one container.
const LIMIT: Duration = Duration::from_mins(2);

impl Build<'_> {
    /// Makes or starts all of them; answers the own one's port on this machine.
    pub(super) async fn registries(&self, joined: &Joined) -> Result<Option<u16>, Error> {
        let each = self
            .plan
            .registries
            .iter()
            .map(|(wanted, action)| self.registry(joined, wanted, action));
        let ports = futures_util::future::try_join_all(each).await?;
        let own = self
            .plan
            .registries
            .iter()
            .zip(ports)
            .find(|((wanted, _), _)| wanted.upstream.is_none());
        Ok(own.map(|(_, port)| port))
    }

    async fn registry(&self, joined: &Joined, wanted: &Wanted, action: &Action) -> Result<u16, Error> {
        let labelled = action
            .container()
            .filter(|_| !action.makes())
            .and_then(Container::registry_port);
        let fixed = labelled.or(wanted.port);
        let mut attempt = 1;
        loop {
            let port = fixed
                .map_or_else(|| free_port::find(wanted.ip), Ok)
                .map_err(|source| Error::Step {
                    step: Step::new(StepKind::Registry, wanted.name.clone()),
                    cause: format!("no port of {} can be opened for it", wanted.ip),
                    log: Vec::new(),
                    source: Some(Box::new(source)),
                })?;
            match self.registry_at(joined, wanted, action, port).await {
                // Somebody was faster with a port that we chose.
                Err(error) if fixed.is_none() && attempt < free_port::ATTEMPTS && is_port_taken(&error) => {
                    attempt += 1;
                }
                result => return result.map(|()| port),
            }
        }
    }

    async fn registry_at(
        &self,
        joined: &Joined,
        wanted: &Wanted,
        action: &Action,
        port: u16,
    ) -> Result<(), Error> {
        let step = Step::new(StepKind::Registry, wanted.name.clone());
        let network = Join {
            network: joined.network.name.clone(),
            alias: wanted.name.clone(),
        };
        let work = async |_: &Running| {
            let outcome = match action.container() {
                Some(there) if !action.makes() => {
                    self.existing_registry(joined, there, action, network).await?
                }
                _ => self.new_registry(wanted, action, port, network).await?,
            };
            Ok((outcome, ()))
        };
        self.cx.steps.run(step, LIMIT, work).await
    }

    async fn new_registry(
        &self,
        wanted: &Wanted,
        action: &Action,
        port: u16,
        network: Join,
    ) -> Result<Outcome, Error> {
        let (steps, engine) = (self.cx.steps, self.cx.engine());
        if let Some(old) = action.container() {
            container::remove(steps, engine, &old.id, &old.name).await?;
        }
        let body = registry::body(wanted, self.spec, &self.label, port);
        container::run(steps, engine, &wanted.name, body, Vec::new(), Some(network)).await?;
        Ok(if action.container().is_some() {
            Outcome::Repaired
        } else {
            Outcome::Created
        })
    }

    async fn existing_registry(
        &self,
        joined: &Joined,
        there: &Container,
        action: &Action,
        network: Join,
    ) -> Result<Outcome, Error> {
        if joined.new || !there.networks.contains_key(&network.network) {
            container::rejoin(self.cx.steps, self.cx.engine(), &there.id, network).await?;
        }
        start::one(self.cx, action, Vec::new()).await
    }
}
