//! The `ConfigMap` of KEP-1755, by which other tools learn where to push.

use super::{Finding, scene::Scene};
use crate::kubernetes::RegistryHosting;

pub(super) const CHECK: &str = "registry-hosting";

struct Facts {
    cluster: String,
    /// The registry's port on this machine; `None` for no registry.
    port: Option<u16>,
    published: Result<Option<RegistryHosting>, String>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let found = match scene.found(CHECK).await {
        Ok(found) => found,
        Err(skipped) => return skipped,
    };
    let cluster = match scene.kubernetes().await {
        Ok(cluster) => cluster,
        Err(why) => return vec![Finding::skipped(CHECK, why)],
    };
    let published = cluster.read_hosting().await;
    vec![judge(&Facts {
        cluster: found.name.clone(),
        port: found
            .registries
            .first()
            .and_then(crate::cluster::Container::registry_port),
        published: published.map_err(|error| crate::causes::chain(&error)),
    })]
}

fn judge(facts: &Facts) -> Finding {
    let Facts {
        cluster,
        port,
        published,
    } = facts;
    let fix = format!("`ratectl create-cluster {cluster}` writes it");
    match (published, port) {
        (Err(why), _) => Finding::warning(CHECK, why.clone(), fix),
        (Ok(None), None) => Finding::skipped(CHECK, "the cluster has no registry"),
        (Ok(None), Some(_)) => {
            let summary =
                "kube-public/local-registry-hosting is not there: other tools cannot tell where to push";
            Finding::warning(CHECK, summary, fix)
        }
        (Ok(Some(hosting)), port) => {
            let host = hosting.host.as_deref().unwrap_or("nothing");
            let published: Option<u16> = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            match port {
                Some(port) if published != Some(*port) => Finding::warning(
                    CHECK,
                    format!(
                        "other tools are told to push to {host}, and the registry is at localhost:{port}"
                    ),
                    fix,
                ),
                _ => Finding::ok(CHECK, format!("other tools are told to push to {host}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case(Some(5000), Ok(Some("localhost:5000")) => Verdict::Ok; "as it is")]
    #[test_case(Some(5001), Ok(Some("localhost:5000")) => Verdict::Warning; "another port")]
    #[test_case(Some(5000), Ok(None) => Verdict::Warning; "not written")]
    #[test_case(None, Ok(None) => Verdict::Skipped; "no registry")]
    #[test_case(None, Ok(Some("elsewhere:5000")) => Verdict::Ok; "a registry of somebody else")]
    #[test_case(Some(5000), Err("refused") => Verdict::Warning; "not told")]
    fn published(port: Option<u16>, published: Result<Option<&str>, &str>) -> Verdict {
        let hosting = |host: &str| RegistryHosting {
            host: Some(host.to_owned()),
            ..RegistryHosting::default()
        };
        let published = published.map(|host| host.map(hosting)).map_err(str::to_owned);
        judge(&Facts {
            cluster: "dev".to_owned(),
            port,
            published,
        })
        .verdict
    }
}
