//! What a deployment of a profile needs from elsewhere.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::{Contents, Error, PinnedFile, Wanted};
use crate::chart;
use crate::cluster::spec::{ANY_HOST, Mirror, Overrides};
use crate::deploy::Plan;
use crate::docker::reference::Reference;
use crate::download::Cache;
use crate::image;
use crate::manifest;
use crate::project::Project;
use crate::project::deployment::{Deployment, Profile};

/// Where the parts of a bundle come from.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The project.
    pub project: &'a Project,
    /// The profile whose deployment the bundle is for.
    pub profile: &'a Profile,
    /// What was downloaded; with `offline`, images come from the profile's registry alone.
    pub cache: &'a Cache,
    /// How images of components are made where the registry lacks them, and which registry that is.
    pub build: &'a image::Setup,
}

/// What the deployment of these components, and of those that they need, needs from elsewhere; of all without names. Images of components that the
/// registry lacks are built and pushed.
///
/// # Errors
/// When a component is unknown, its image cannot be made, or its manifests cannot be had.
pub async fn gather(sources: &Sources<'_>, names: &[String]) -> Result<Contents, Error> {
    let (project, profile) = (sources.project, sources.profile);
    // Nothing is known of the cluster: what is needed comes along.
    let plan = Plan::of(project, project.streams_by(profile), names, |_| false)?;
    let components: Vec<_> = plan
        .parts
        .iter()
        .map(|part| (part.name, part.deployment))
        .collect();
    let made = sources.make(&components).await?;
    let mut contents = Contents {
        project: project.name.clone(),
        profile: profile.name.clone(),
        components: components.iter().map(|(name, _)| (*name).to_owned()).collect(),
        overlays: project.overlays(profile),
        ..Contents::default()
    };
    let mirrors = sources.mirrors();
    for (name, deployment) in components {
        let loaded = manifest::load(deployment, &contents.overlays, sources.cache).await;
        let mut objects = loaded.map_err(|source| Error::Manifests {
            component: name.to_owned(),
            source: Box::new(source),
        })?;
        manifest::with_images(&mut objects, &made);
        for image in manifest::images(&objects) {
            contents.images.insert(sources.wanted(&image, &made, &mirrors)?);
        }
        sources.files(deployment, &mut contents).await?;
    }
    Ok(contents)
}

impl Sources<'_> {
    /// References by repository name of the images that are built here.
    async fn make(&self, components: &[(&str, &Deployment)]) -> Result<BTreeMap<String, String>, Error> {
        let cargo_profile = self.profile.cargo_profile.as_deref().unwrap_or("release");
        let making = components.iter().filter_map(|(name, deployment)| {
            let image = deployment.image.as_ref()?;
            Some(async move {
                let made = image::make(self.build, name, image, cargo_profile).await;
                let made = made.map_err(|source| Error::Build {
                    component: (*name).to_owned(),
                    source: Box::new(source),
                })?;
                Ok::<_, Error>((image.name.clone(), made.reference))
            })
        });
        Ok(try_join_all(making).await?.into_iter().collect())
    }

    fn wanted(
        &self,
        image: &str,
        made: &BTreeMap<String, String>,
        mirrors: &BTreeMap<String, Mirror>,
    ) -> Result<Wanted, Error> {
        let reference: Reference = image.parse().map_err(|error| Error::Unsupported {
            image: crate::plain_line::plain_line(image),
            reason: format!("{error}"),
        })?;
        let own = made.iter().find(|(_, made)| *made == image).map(|(name, _)| name);
        let push = self.build.push.clone();
        let registries = match own {
            Some(_) => vec![push],
            None if self.cache.offline => vec![push],
            None => self.registries(reference.registry(), mirrors),
        };
        Ok(Wanted {
            name: image.to_owned(),
            repository: own.map_or_else(|| reference.repository().to_owned(), String::clone),
            tag: reference.tag().map(str::to_owned),
            digest: reference.digest().map(str::to_owned),
            registries,
        })
    }

    /// Who may have the images of a registry, as the cluster's nodes ask them.
    fn registries(&self, host: &str, mirrors: &BTreeMap<String, Mirror>) -> Vec<String> {
        let mirror = mirrors.get(host).or_else(|| mirrors.get(ANY_HOST));
        let mut registries = match mirror {
            Some(Mirror::Registry) => vec![self.build.push.clone()],
            Some(Mirror::PullThrough(upstream)) => vec![upstream.clone()],
            Some(Mirror::Endpoints(urls)) => urls.clone(),
            None => Vec::new(),
        };
        registries.push(host.to_owned());
        registries
    }

    /// Those of the project's own cluster; of another nobody here knows them.
    fn mirrors(&self) -> BTreeMap<String, Mirror> {
        if self.profile.context.is_some() {
            return BTreeMap::new();
        }
        let spec = self.project.cluster.clone().spec(&Overrides::default());
        spec.map(|spec| spec.mirrors).unwrap_or_default()
    }

    async fn files(&self, deployment: &Deployment, contents: &mut Contents) -> Result<(), Error> {
        let overlays = contents.overlays.clone();
        let in_effect =
            |overlay: &Option<String>| overlay.as_ref().is_none_or(|name| overlays.contains(name));
        for download in deployment.downloads.iter().filter(|it| in_effect(&it.overlay)) {
            let got = self.cache.get(&download.url, &download.sha256).await;
            let path = got.map_err(|source| Error::Download {
                url: download.url.clone(),
                source: Box::new(source),
            })?;
            contents.files.insert(PinnedFile {
                sha256: download.sha256.to_ascii_lowercase(),
                url: download.url.clone(),
                path,
            });
        }
        for chart in deployment.charts.iter().filter(|it| in_effect(&it.overlay)) {
            // A folder lies in the project, which comes along by other ways.
            if !chart.chart.contains("://") {
                continue;
            }
            let sha256 = chart.sha256.as_ref().ok_or_else(|| Error::Chart {
                name: chart.name.clone(),
                source: Box::new(chart::Error::Unpinned {
                    chart: chart.chart.clone(),
                }),
            })?;
            let path = chart::obtain(chart, self.cache)
                .await
                .map_err(|source| Error::Chart {
                    name: chart.name.clone(),
                    source: Box::new(source),
                })?;
            contents.files.insert(PinnedFile {
                sha256: sha256.to_ascii_lowercase(),
                url: chart.chart.clone(),
                path,
            });
        }
        Ok(())
    }
}
