use bollard::models::ContainerSummary;
use serde_json::json;

use super::*;

fn summary(name: &str, state: &str, labels: &serde_json::Value) -> ContainerSummary {
    serde_json::from_value(json!({
        "Id": format!("id-{name}"), "Names": [format!("/{name}")], "Image": "rancher/k3s:v1", "State": state, "Labels": labels,
        "Ports": [{"IP": "127.0.0.1", "PrivatePort": 6443, "PublicPort": 6555, "Type": "tcp"}, {"PrivatePort": 80, "Type": "tcp"}],
        "NetworkSettings": {"Networks": {"k3d-x": {"IPAddress": "172.20.0.2"}, "other": {"IPAddress": ""}}},
    }))
    .unwrap()
}

fn k3d(name: &str, role: &str, state: &str) -> ContainerSummary {
    summary(
        name,
        state,
        &json!({"app": "k3d", "k3d.cluster": "x", "k3d.role": role, "k3d.version": "v5.9.0",
               "k3d.server.api.host": "0.0.0.0", "k3d.server.api.port": "6555"}),
    )
}

fn found(summaries: Vec<ContainerSummary>) -> Vec<Found> {
    clusters(summaries.into_iter().filter_map(parse::container).collect())
}

#[test]
fn a_cluster_is_told_from_its_labels() {
    let clusters = found(vec![
        k3d("k3d-x-agent-0", "agent", "exited"),
        k3d("k3d-x-server-10", "server", "running"),
        k3d("k3d-x-server-2", "server", "running"),
        k3d("k3d-x-serverlb", "loadbalancer", "running"),
        summary(
            "loose",
            "running",
            &json!({"app": "k3d", "k3d.cluster": "", "k3d.role": "registry"}),
        ),
    ]);
    let [cluster] = clusters.as_slice() else {
        panic!("{clusters:?}")
    };
    let names: Vec<&str> = cluster.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["k3d-x-server-2", "k3d-x-server-10", "k3d-x-agent-0"]);
    let summary = cluster.summary();
    assert_eq!(
        (
            summary.servers,
            summary.servers_running,
            summary.agents,
            summary.agents_running
        ),
        (2, 2, 1, 0)
    );
    assert_eq!(summary.api.as_deref(), Some("127.0.0.1:6555"));
    assert_eq!(summary.made_by, Maker::K3d(Some("v5.9.0".to_owned())));
    assert!(summary.load_balancer && !cluster.runs());
}

#[test]
fn ports_without_a_port_on_this_machine_and_addresses_of_stopped_containers_are_left_out() {
    let container = parse::container(k3d("k3d-x-server-0", "server", "running")).unwrap();
    assert_eq!(container.ports.len(), 1);
    assert_eq!(container.networks["k3d-x"], Some([172, 20, 0, 2].into()));
    assert_eq!(container.networks["other"], None);
}

#[test]
fn a_spec_label_that_cannot_be_read_still_says_that_we_made_it() {
    let labels = &json!({"app": "k3d", "k3d.cluster": "x", "k3d.role": "server", "ratectl.spec": "{\"future\": true}"});
    let clusters = found(vec![summary("k3d-x-server-0", "running", labels)]);
    assert_eq!(clusters[0].made_by(), Maker::Ratectl);
    assert_eq!(clusters[0].spec(), None);
}
