//! What containers need before they can be made: a network, volumes, images.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{Build, Joined};
use crate::cluster::steps::Running;
use crate::cluster::{Error, network, volume};
use crate::docker::image;
use crate::event::{Outcome, Step, StepKind};

/// Limits of the steps. Images come over networks of every speed.
const IMAGE_LIMIT: Duration = Duration::from_mins(20);
const NETWORK_LIMIT: Duration = Duration::from_secs(30);
const VOLUME_LIMIT: Duration = Duration::from_secs(30);

impl Build<'_> {
    pub(super) async fn network(&self) -> Result<Joined, Error> {
        let name = self.spec.network_name();
        let step = Step::new(StepKind::Network, name.clone());
        let work = async |_: &Running| {
            if let Some(network) = network::find(self.cx.engine(), &name, self.cx.name).await? {
                return Ok((Outcome::Unchanged, Joined { network, new: false }));
            }
            if self.spec.network.is_some() {
                return Err(Error::NoNetwork {
                    name: self.cx.name.clone(),
                    network: name.clone(),
                });
            }
            let network = network::create(self.cx.steps, self.cx.engine(), self.cx.name).await?;
            Ok((Outcome::Created, Joined { network, new: true }))
        };
        self.cx.steps.run(step, NETWORK_LIMIT, work).await
    }

    pub(super) async fn volumes(&self) -> Result<(), Error> {
        let (steps, engine, name) = (self.cx.steps, self.cx.engine(), self.cx.name);
        let present = volume::of_cluster(engine, name).await?;
        let there = |name: &str| present.iter().any(|volume| volume.name == name);
        let images = async {
            let volume = name.image_volume();
            let make = async |_: &Running| {
                if there(&volume) {
                    return Ok((Outcome::Unchanged, ()));
                }
                volume::make_images(steps, engine, name).await?;
                Ok((Outcome::Created, ()))
            };
            steps
                .run(Step::new(StepKind::Volume, volume.clone()), VOLUME_LIMIT, make)
                .await
        };
        let data = self.plan.registries.iter().map(|(wanted, _)| async {
            let make = async |_: &Running| {
                if there(&wanted.name) {
                    return Ok((Outcome::Unchanged, ()));
                }
                volume::make_data(steps, engine, name, &wanted.name).await?;
                Ok((Outcome::Created, ()))
            };
            steps
                .run(
                    Step::new(StepKind::Volume, wanted.name.clone()),
                    VOLUME_LIMIT,
                    make,
                )
                .await
        });
        tokio::try_join!(images, try_join_all(data))?;
        Ok(())
    }

    /// Every image that a container is made from, pulled if the engine does not have it.
    pub(super) async fn images(&self) -> Result<(), Error> {
        let nodes = self
            .plan
            .nodes
            .iter()
            .filter(|(_, action)| action.makes())
            .map(|_| &self.spec.image);
        let registries = self
            .plan
            .registries
            .iter()
            .filter(|(_, action)| action.makes())
            .map(|(wanted, _)| &wanted.image);
        let mut images: Vec<&String> = nodes.chain(registries).collect();
        images.sort();
        images.dedup();
        let pulls = images.into_iter().map(|reference| async move {
            let step = Step::new(StepKind::Image, reference.clone());
            let pull = async |running: &Running| {
                let told = |done, total| running.progress(done, total);
                Ok((image::ensure(self.cx.engine(), reference, told).await?, ()))
            };
            self.cx.steps.run(step, IMAGE_LIMIT, pull).await
        });
        try_join_all(pulls).await?;
        Ok(())
    }
}
