//! `ratectl cluster list`: the clusters of an engine.

use platform::cluster::{self, Summary};

use super::Reach;
use crate::{
    app::Global,
    commands::with_runtime,
    error::Error,
    exit::Exit,
    ui::{Table, Ui, plain_line},
};

/// List the clusters of the engine, those of k3d as well
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
}

/// Prints a table; one JSON object a cluster with `-o json`.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    global.base()?;
    let clusters = with_runtime(async {
        let engine = args.reach.engine().await?;
        Ok(cluster::list(&engine).await?)
    })?;
    ui.listing(&clusters, |_| table(&clusters))?;
    if clusters.is_empty() {
        ui.status("There are no clusters; `ratectl create-cluster` makes one.");
    }
    Ok(Exit::Success)
}

fn table(clusters: &[Summary]) -> String {
    if clusters.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["NAME", "SERVERS", "AGENTS", "IMAGE", "API", "REGISTRY", "MADE BY"]);
    for cluster in clusters {
        table.row([
            plain_line(&cluster.name),
            running(cluster.servers_running, cluster.servers),
            running(cluster.agents_running, cluster.agents),
            shown(cluster.image.as_deref()),
            shown(cluster.api.as_deref()),
            shown(cluster.registry.as_deref()),
            plain_line(&cluster.made_by.to_string()),
        ]);
    }
    table.text()
}

/// `1/1`, as k3d and kubectl write it: running of all.
fn running(running: usize, all: usize) -> String {
    format!("{running}/{all}")
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "-".to_owned(), plain_line)
}
