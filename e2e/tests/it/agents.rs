//! A cluster of a server and an agent.

use e2e::{Bed, visitor};

use crate::cluster::{self, create_with, inspect, state, verb};
use crate::listing;

#[test]
fn an_agent_joins_runs_pods_and_comes_back() {
    let bed = Bed::new("agents");
    create_with(&bed, &["--agents", "1"]).succeeded();
    cluster::is_usable(&bed);
    let agent = inspect(&bed, "container", &bed.agent(0));
    let labels = &agent["Config"]["Labels"];
    assert_eq!(labels["k3d.role"], "agent");
    assert_eq!(labels["k3d.cluster"], bed.cluster());
    assert_eq!(agent["Config"]["Cmd"][0], "agent");
    let environment = agent["Config"]["Env"].to_string();
    let url = format!("\"K3S_URL=https://{}:6443\"", bed.server(0));
    assert!(environment.contains(&url), "{environment}");
    assert_eq!(agent["NetworkSettings"]["Ports"], serde_json::json!({}));
    let nodes = || bed.kubectl(&["get", "nodes", "-o", "name"]).succeeded().stdout;
    assert_eq!(
        nodes(),
        format!("node/{}\nnode/{}\n", bed.agent(0), bed.server(0))
    );

    let image = visitor::push(bed.registry_port());
    let words = ["resolve", "kubernetes.default"];
    let said = cluster::visit_on(&bed, Some(&bed.agent(0)), "on-agent", &image, &words);
    assert_eq!(said, "10.43.0.1\n");

    verb(&bed, "stop-cluster", &[]);
    assert_eq!(state(&bed, &bed.agent(0)), "exited");
    verb(&bed, "start-cluster", &[]);
    cluster::is_usable(&bed);
    let said = cluster::visit_on(&bed, Some(&bed.agent(0)), "again", &image, &words);
    assert_eq!(said, "10.43.0.1\n");
    let made = listing::of(&bed, bed.cluster());
    verb(&bed, "delete-cluster", &["--all"]);
    assert_eq!(listing::left_of(&bed, &made), [""; 0]);
}
