//! `ratectl status`: how a cluster is.

mod drift;
mod page;

use platform::{
    deploy, profile,
    project::Project,
    status::{self, Question, Status},
};

use crate::{
    app::Global,
    commands::{
        cluster::{Reach, state_dir},
        with_runtime,
    },
    error::Error,
    exit::Exit,
    project,
    ui::{Paint, Report, Ui},
};

/// Show how a cluster is: nodes, registry, profile, components, streams, addresses
///
/// Exits with 0 when all of it is healthy, with 1 when something is not or there is no such cluster, and with 4 when the engine
/// cannot be reached.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cluster [default: that of the project, or `localdevcluster`]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    reach: Reach,
}

/// Prints the parts one below the other; one JSON object with `-o json`.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let project = project::described(global)?;
    let described = project.as_ref().map(|project| project.cluster.clone());
    let question = Question {
        project: project.as_ref().map(|project| project.name.clone()),
        components: project.as_ref().map(expected).unwrap_or_default(),
        name: described.unwrap_or_default().cluster_name(args.name.as_deref())?,
        kubeconfig: args.reach.kubeconfig(&global.base()?),
    };
    let status = with_runtime(async {
        let engine = args.reach.engine().await?;
        let looking = async { Ok::<_, Error>(Box::pin(status::look(&engine, &question)).await?) };
        let comparing = drift::look(project.as_ref(), &question, &args.reach);
        let (mut status, drift) = tokio::try_join!(looking, async { Ok(Box::pin(comparing).await) })?;
        // Of a server that was never deployed there is nothing to be told.
        let server = project.as_ref().map(|project| project.streams_server.as_str());
        let mut deployed = status.deployed.iter();
        if deployed.any(|deployed| Some(deployed.component.as_str()) == server) {
            status.streams = drift;
        }
        Ok(status)
    })?;
    ui.result(&status)?;
    ui.status(page::closing(&status));
    Ok(if status.healthy {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// What there should be of a project in its own cluster.
fn expected(project: &Project) -> Vec<String> {
    let chosen = profile::choose(project, None, &state_dir()).ok();
    let profile = profile::own(project, chosen.as_ref().map(|chosen| &chosen.profile));
    let names = deploy::expected(project, project.streams_by(&profile));
    names.map(str::to_owned).collect()
}

impl Report for Status {
    fn text(&self, paint: Paint) -> String {
        page::text(self, paint)
    }
}
