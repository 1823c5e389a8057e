//! What a component is in its cluster, by its manifests.

use platform::{
    download::Cache,
    forward::{self, Port, To},
    kubernetes::Cluster,
    manifest::{self, Object},
    profile::Target as PlatformTarget,
    project::{Component, Project, deployment::Deployment},
};

use super::target::{Target, Wanted};
use crate::{
    app::Global,
    commands::place::{Place, Site},
    error::Error,
    exit::Exit,
};

/// The project and the cluster that a command is about.
pub(crate) struct Scene {
    /// The project.
    pub(crate) project: Project,
    /// Overlays in effect.
    pub(crate) overlays: Vec<String>,
    /// The cluster, verified.
    pub(crate) cluster: Cluster,
}

impl Scene {
    /// Reaches the cluster of the profile in use.
    pub(crate) async fn reach(place: &Place, global: &Global) -> Result<Self, Error> {
        Self::at(place.look(global)?).await
    }

    /// The same from a place that has been looked up.
    pub(crate) async fn at(site: Site) -> Result<Self, Error> {
        let target = site.reach().await?;
        Ok(Self::of(site.project, target))
    }

    /// The same at the end of a way that has been verified.
    pub(crate) fn of(project: Project, target: PlatformTarget) -> Self {
        Self {
            overlays: project.overlays(&target.profile),
            project,
            cluster: target.cluster,
        }
    }

    /// A component that is deployed, by its name or an alias.
    pub(crate) fn component(&self, name: &str) -> Result<(&Component, &Deployment), Error> {
        let component = self.project.component(name).ok_or_else(|| {
            let message = format!("the project {} has no component '{name}'", self.project.name);
            Error::new(Exit::Usage, message).hint(self.project.component_advice(name))
        })?;
        let deployment = component.deployment.as_ref().ok_or_else(|| {
            let message = format!("the component {} is not deployed to clusters", component.name);
            Error::new(Exit::Usage, message)
        })?;
        Ok((component, deployment))
    }

    /// The objects of a component that are in its folder.
    pub(crate) async fn objects(&self, deployment: &Deployment) -> Result<Vec<Object>, Error> {
        manifest::load_own(deployment, &self.overlays, &Cache::standard(false))
            .await
            .map_err(|error| Error::new(Exit::Configuration, error.to_string()).caused_by(error))
    }

    /// What is meant, as it is in the cluster.
    pub(super) async fn resolve(&self, wanted: &Wanted, namespace: &str) -> Result<To, Error> {
        let port = wanted.remote.clone();
        match &wanted.target {
            Target::Object(what) => Ok(To {
                namespace: namespace.to_owned(),
                what: what.clone(),
                port,
            }),
            Target::Component(name) => self.forward_to(name, &port).await,
        }
    }

    /// A component's port.
    pub(crate) async fn forward_to(&self, name: &str, port: &Port) -> Result<To, Error> {
        let (component, deployment) = self.component(name)?;
        let objects = self.objects(deployment).await?;
        let namespace = deployment.namespace.as_deref().unwrap_or("default");
        let candidates = forward::candidates(&component.name, namespace, &objects, port)?;
        Ok(forward::find(&self.cluster, candidates).await?)
    }
}
