//! Named volumes: that for imported images, and those with the registries' data.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptions, RemoveVolumeOptionsBuilder};

use super::steps::Steps;
use super::{Name, container, labels};
use crate::docker::{self, Engine};

/// A volume of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Volume {
    pub(super) name: String,
    /// Whether a registry's images are in it, which outlive the cluster.
    pub(super) data: bool,
}

/// The volumes of a cluster, by their labels.
pub(super) async fn of_cluster(engine: &Engine, cluster: &Name) -> Result<Vec<Volume>, docker::Error> {
    let listed = engine.api().list_volumes(None::<ListVolumesOptions>).await;
    let listed = listed.map_err(|source| docker::Error::of("list the engine's volumes", source))?;
    let belongs = |labels: &std::collections::HashMap<String, String>, key: &str| {
        labels.get(key).is_some_and(|name| name == cluster.as_str())
    };
    let volumes = listed.volumes.unwrap_or_default().into_iter();
    let ours = volumes.filter_map(|volume| {
        let data = belongs(&volume.labels, labels::DATA_OF);
        let named = volume.name == cluster.image_volume();
        (data || named || belongs(&volume.labels, labels::CLUSTER)).then_some(Volume {
            name: volume.name,
            data,
        })
    });
    let mut ours: Vec<Volume> = ours.collect();
    ours.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(ours)
}

/// Makes the volume for imported images; the engine takes one that is there as it is.
pub(super) async fn make_images(steps: &Steps, engine: &Engine, cluster: &Name) -> Result<(), docker::Error> {
    let labels = labels::of_object(cluster).into_iter().collect();
    make(steps, engine, cluster.image_volume(), labels).await
}

/// Makes the volume for a registry's data. k3d's labels would have k3d delete it.
pub(super) async fn make_data(
    steps: &Steps,
    engine: &Engine,
    cluster: &Name,
    name: &str,
) -> Result<(), docker::Error> {
    let labels = [(labels::DATA_OF.to_owned(), cluster.to_string())].into();
    make(steps, engine, name.to_owned(), labels).await
}

async fn make(
    steps: &Steps,
    engine: &Engine,
    name: String,
    labels: std::collections::HashMap<String, String>,
) -> Result<(), docker::Error> {
    let request = VolumeCreateRequest {
        name: Some(name.clone()),
        labels: Some(labels),
        ..VolumeCreateRequest::default()
    };
    let engine = engine.clone();
    let work = async move {
        let made = engine.api().create_volume(request).await;
        made.map_err(|source| docker::Error::of(format!("create volume {name}"), source))
    };
    steps.change(work).await.map(drop)
}

/// Removes a volume; one that is gone is fine.
pub(super) async fn remove(steps: &Steps, engine: &Engine, name: &str) -> Result<(), docker::Error> {
    let (engine, name) = (engine.clone(), name.to_owned());
    let work = async move {
        let options = RemoveVolumeOptionsBuilder::new().build();
        let removed = engine.api().remove_volume(&name, Some(options)).await;
        container::gone(removed).map_err(|source| docker::Error::of(format!("remove volume {name}"), source))
    };
    steps.change(work).await
}
