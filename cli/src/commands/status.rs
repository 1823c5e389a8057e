//! `ratectl status`: how a cluster is.

mod page;

use platform::status::{self, Question, Status};

use crate::{
    app::Global,
    commands::{cluster::Reach, with_runtime},
    error::Error,
    exit::Exit,
    project,
    ui::{Paint, Report, Ui},
};

/// Show how a cluster is: nodes, registry, profile, components, addresses
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
    let components = project.iter().flat_map(|project| &project.components);
    let question = Question {
        components: components.map(|component| component.name.clone()).collect(),
        name: project
            .map(|project| project.cluster)
            .unwrap_or_default()
            .cluster_name(args.name.as_deref())?,
        kubeconfig: args.reach.kubeconfig(&global.base()?),
    };
    let status = with_runtime(async {
        let engine = args.reach.engine().await?;
        Ok(status::look(&engine, &question).await?)
    })?;
    ui.result(&status)?;
    ui.status(page::closing(&status));
    Ok(if status.healthy {
        Exit::Success
    } else {
        Exit::Failure
    })
}

impl Report for Status {
    fn text(&self, paint: Paint) -> String {
        page::text(self, paint)
    }
}
