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
            shown(cluster.image.as_deref().map(image)),
            shown(cluster.api.as_deref()),
            shown(cluster.registry.as_deref()),
            plain_line(&cluster.made_by.to_string()),
        ]);
    }
    table.text()
}

/// An image whose name is gone is listed by its digest, of which twelve digits are enough, as for `docker images`.
fn image(image: &str) -> &str {
    match image.strip_prefix("sha256:") {
        Some(digest) => digest.get(..12).unwrap_or(digest),
        None => image,
    }
}

/// `1/1`, as k3d and kubectl write it: running of all.
fn running(running: usize, all: usize) -> String {
    format!("{running}/{all}")
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "-".to_owned(), plain_line)
}

#[cfg(test)]
mod tests {
    use platform::cluster::Maker;

    use super::*;

    #[test]
    fn every_cluster_is_a_line() {
        let ours = Summary {
            name: "demo".to_owned(),
            made_by: Maker::Ratectl,
            servers: 1,
            servers_running: 1,
            agents: 2,
            agents_running: 1,
            image: Some("rancher/k3s:v1.34.4-k3s1".to_owned()),
            api: Some("127.0.0.1:41234".to_owned()),
            registry: Some("localhost:5000".to_owned()),
            load_balancer: false,
        };
        let theirs = Summary {
            name: "by-\u{1b}[2Jhand".to_owned(),
            made_by: Maker::K3d(Some("v5.9.0".to_owned())),
            image: Some(format!("sha256:{}", "c6cdde4a4109".repeat(5))),
            registry: None,
            ..ours.clone()
        };
        insta::assert_snapshot!(table(&[ours, theirs]), @"
        NAME     SERVERS  AGENTS  IMAGE                     API              REGISTRY        MADE BY
        demo     1/1      1/2     rancher/k3s:v1.34.4-k3s1  127.0.0.1:41234  localhost:5000  ratectl
        by-hand  1/1      1/2     c6cdde4a4109              127.0.0.1:41234  -               k3d v5.9.0
        ");
    }
}
