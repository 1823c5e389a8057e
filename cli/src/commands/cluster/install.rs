//! What is deployed into a cluster when it is ready: the components that `cluster.install` lists.

use platform::{
    cluster::Name,
    deploy::{self, Deployed, Options},
    docker::Endpoint,
    download::Cache,
    kubeconfig::Location,
    profile::{self, Target},
    project::{Project, deployment::Profile},
};

use super::{Reach, state_dir};
use crate::{
    commands::system::{assemble, command_line, person},
    error::Error,
    progress::Running,
    ui::Ui,
};

/// A deployment that follows on a creation.
pub(super) struct Install {
    project: Project,
    profile: Profile,
    engine: Endpoint,
}

impl Install {
    /// What the project lists, for the profile of its own cluster; `None` when it lists nothing, or that profile is protected.
    pub(super) fn of(ui: &Ui, project: Option<Project>, reach: &Reach) -> Result<Option<Self>, Error> {
        let Some(project) = project.filter(|project| !project.install.is_empty()) else {
            return Ok(None);
        };
        // Whoever has chosen a profile of another cluster does not mean that one here.
        let chosen = profile::choose(&project, None, &state_dir()).ok();
        let profile = profile::own(&project, chosen.as_ref().map(|chosen| &chosen.profile));
        if profile.protected {
            let again = command(&project);
            ui.warn(format!(
                "profile {} is protected: nothing is deployed; `{again}` does it",
                profile.name
            ));
            return Ok(None);
        }
        Ok(Some(Self {
            engine: Endpoint::find(reach.docker_host.as_deref())?,
            project,
            profile,
        }))
    }

    /// Deploys to the cluster of this name.
    pub(super) async fn run(
        self,
        cluster: &Name,
        kubeconfig: Location,
        running: Running,
    ) -> Result<Deployed, Error> {
        let Self {
            project,
            profile,
            engine,
        } = self;
        let again = format!(
            "cluster {cluster} is ready; `{}` goes on from here",
            command(&project)
        );
        let options = Options {
            components: project.install.clone(),
            why: command_line(),
            by: person(),
            ..Options::default()
        };
        let state_dir = state_dir();
        let deploying = async {
            let target = tokio::select! {
                target = Target::reach_cluster(&project, &profile, cluster, &kubeconfig, &state_dir) => target?,
                () = running.cancel.cancelled() => return Err(deploy::Error::Cancelled.into()),
            };
            let cache = Cache::standard(false);
            let setup = assemble(project, target, engine, state_dir, cache, running);
            Ok::<_, Error>(deploy::deploy(&setup, &options).await?)
        };
        deploying.await.map_err(|error| error.hint(again))
    }
}

/// What deploys the same.
fn command(project: &Project) -> String {
    format!("ratectl deploy {}", project.install.join(" "))
}
