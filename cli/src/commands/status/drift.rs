//! The project's streams and consumers beside their definitions, if their server answers soon.

use std::time::Duration;

use platform::{
    deploy::{self, deployable},
    docker::Endpoint,
    download::Cache,
    event::Events,
    profile::{self, Target},
    project::Project,
    status::{Known, Question},
    streams::Difference,
};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{
        cluster::{Reach, state_dir},
        system::assemble,
    },
    error::Error,
    progress::Running,
};

/// How long all of it may take: nobody waits for a server that is away.
const LIMIT: Duration = Duration::from_millis(1500);

/// What differs in the cluster that the question is about; `None` without a project that deploys anything.
pub(super) async fn look(
    project: Option<&Project>,
    question: &Question,
    reach: &Reach,
) -> Option<Known<Vec<Difference>>> {
    let project = project.filter(|project| deployable(project).next().is_some())?;
    let found = tokio::time::timeout(LIMIT, compare(project, question, reach)).await;
    Some(match found {
        Ok(Ok(found)) => Known::Known(found),
        Ok(Err(error)) => Known::Unknown {
            unknown: error.to_string(),
        },
        Err(_) => Known::Unknown {
            unknown: "the NATS server does not answer soon enough".to_owned(),
        },
    })
}

async fn compare(project: &Project, question: &Question, reach: &Reach) -> Result<Vec<Difference>, Error> {
    let state_dir = state_dir();
    let chosen = profile::choose(project, None, &state_dir).ok();
    let profile = profile::own(project, chosen.as_ref().map(|chosen| &chosen.profile));
    let target = Target::reach_cluster(
        project,
        &profile,
        &question.name,
        &question.kubeconfig,
        &state_dir,
    );
    let target = target.await?;
    let engine = Endpoint::find(reach.docker_host.as_deref())?;
    // Nobody looks at the events, and nobody has to cancel what is over so soon.
    let events = Events::silent();
    let running = Running {
        events,
        cancel: CancellationToken::new(),
    };
    // What would have to be downloaded is not waited for.
    let cache = Cache::standard(true);
    let setup = assemble(project.clone(), target, engine, state_dir, cache, running);
    Ok(deploy::drift(&setup).await?)
}
