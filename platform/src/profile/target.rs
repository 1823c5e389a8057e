//! A profile's cluster and registry, proved to be the ones that are meant.

use std::path::Path;

use super::own::{self, Proof};
use super::verify::{self, Answered};
use super::{Error, Memory, link, registry};
use crate::cluster::Name;
use crate::kubeconfig::Location;
use crate::kubernetes::Cluster;
use crate::project::Project;
use crate::project::deployment::Profile;

/// Where a profile leads. There is none that has not been verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The profile.
    pub profile: Profile,
    /// Its context in the kubeconfig.
    pub context: String,
    /// The URL of the API server, as the kubeconfig has it.
    pub server: String,
    /// The UID of the cluster's namespace `kube-system`, if it may be known.
    pub uid: Option<String>,
    /// The cluster.
    pub cluster: Cluster,
    /// Where images are pushed to, such as `localhost:5000` or `registry.example/team`; `None` when nobody names a registry.
    pub push: Option<String>,
    /// What stands before the names of images in pods.
    pub pull: Option<String>,
}

impl Target {
    /// The way to the profile's cluster. Nothing that could change anything is sent.
    ///
    /// # Errors
    /// When there is no way, or when the cluster at its end is not the profile's ([`Error::is_refusal`]).
    pub async fn reach(
        project: &Project,
        profile: &Profile,
        kubeconfig: &Location,
        state_dir: &Path,
    ) -> Result<Self, Error> {
        let own = project.cluster.cluster_name(None);
        let own = own.map_err(|error| Error::Unusable {
            context: profile.name.clone(),
            reason: error.to_string(),
        })?;
        Self::reach_cluster(project, profile, &own, kubeconfig, state_dir).await
    }

    /// As [`Target::reach`], of a project whose own cluster is called `own`.
    ///
    /// # Errors
    /// As [`Target::reach`].
    pub async fn reach_cluster(
        project: &Project,
        profile: &Profile,
        own: &Name,
        kubeconfig: &Location,
        state_dir: &Path,
    ) -> Result<Self, Error> {
        let (location, known, name) = (kubeconfig.clone(), profile.clone(), own.clone());
        let state = state_dir.to_owned();
        // Files, perhaps on a slow disk.
        let looking = tokio::task::spawn_blocking(move || lead(&known, &name, &location, &state));
        let lead = looking.await.map_err(|error| Error::Unusable {
            context: profile.name.clone(),
            reason: error.to_string(),
        })??;
        let server = lead.link.server.clone();
        let cluster = Cluster::over(lead.link.client().await?, &lead.context);
        let answered = Answered {
            context: &lead.context,
            server: &server,
            uid: cluster.system_uid().await?,
            proof: lead.proof,
        };
        let memory = Memory::of(state_dir, &project.root);
        verify::check_cluster(project, profile, &memory, &answered)?;
        let uid = answered.uid;
        let registry = registry::find(project, profile, &server, &cluster).await?;
        let (push, pull) = registry.map(|registry| (registry.push, registry.pull)).unzip();
        Ok(Self {
            profile: profile.clone(),
            context: lead.context,
            server,
            uid,
            cluster,
            push,
            pull,
        })
    }
}

/// A client for a context of the kubeconfig, whatever project it is of, for who only looks: nothing proves that it is what is meant.
///
/// # Errors
/// When there is no such context, or it cannot be used.
pub async fn look_at(context: &str, kubeconfig: &Location) -> Result<kube::Client, Error> {
    let (location, name) = (kubeconfig.clone(), context.to_owned());
    let unusable = |reason: String| Error::Unusable {
        context: context.to_owned(),
        reason,
    };
    let looking = tokio::task::spawn_blocking(move || link::find(&location, &name));
    let found = looking.await.map_err(|error| unusable(error.to_string()))??;
    let link = found.ok_or_else(|| unusable("the kubeconfig has no such context".to_owned()))?;
    link.client().await
}

/// A context that is the profile's as far as can be told without asking anybody.
struct Lead {
    context: String,
    link: link::Link,
    /// For the own cluster.
    proof: Option<Proof>,
}

fn lead(profile: &Profile, own: &Name, kubeconfig: &Location, state_dir: &Path) -> Result<Lead, Error> {
    let own_context = own.context();
    let context = profile.context.clone().unwrap_or_else(|| own_context.clone());
    let is_own = context == own_context;
    let Some(link) = link::find(kubeconfig, &context)? else {
        let files = kubeconfig
            .files()
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let profile = profile.name.clone();
        return Err(if is_own {
            Error::NoCluster {
                profile,
                context,
                files,
            }
        } else {
            Error::NoContext {
                profile,
                context,
                files,
            }
        });
    };
    verify::check_server(profile, &context, &link, is_own)?;
    let proof = is_own
        .then(|| own::prove(state_dir, profile, own, &link))
        .transpose()?;
    Ok(Lead { context, link, proof })
}
