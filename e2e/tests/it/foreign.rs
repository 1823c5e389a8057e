//! Clusters that somebody else made, by hand or with k3d: known by their labels, whatever their names.

use e2e::Bed;
use serde_json::Value;

use crate::cluster::{self, create_with, state};
use crate::listing;

/// A server made with plain docker commands, k3d's labels and names that nobody would guess.
struct Handmade<'a> {
    bed: &'a Bed,
    node: String,
    network: String,
    volume: String,
}

impl<'a> Handmade<'a> {
    fn make(bed: &'a Bed) -> Self {
        let cluster = bed.cluster();
        let handmade = Self {
            bed,
            node: format!("{cluster}-odd1"),
            network: format!("{cluster}-odd-net"),
            volume: format!("{cluster}-odd-images"),
        };
        let label = format!("--label={}", bed.label());
        let of_cluster = format!("--label=k3d.cluster={cluster}");
        let of_network = format!("--label=k3d.cluster.network={}", handmade.network);
        let of_images = format!("--label=k3d.cluster.imageVolume={}", handmade.volume);
        let images = format!("{}:/k3d/images", handmade.volume);
        // The label has it too, so it is chosen here.
        let port = free_port().to_string();
        let (publish, of_port) = (
            format!("127.0.0.1:{port}:6443"),
            format!("--label=k3d.server.api.port={port}"),
        );
        let image = node_image();
        let run: &[&str] = &[
            "run",
            "--detach",
            "--privileged",
            "--init",
            "--tmpfs=/run",
            "--tmpfs=/var/run",
            "--env=K3S_TOKEN=odd",
            "--env=K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml",
            "--label=app=k3d",
            "--label=k3d.role=server",
            "--label=k3d.server.api.host=127.0.0.1",
            &of_port,
            &label,
            &of_cluster,
            &of_network,
            &of_images,
            "--network",
            &handmade.network,
            "--volume",
            &images,
            "--publish",
            &publish,
            "--name",
            &handmade.node,
            "--hostname",
            &handmade.node,
            &image,
            "server",
            "--tls-san",
            "127.0.0.1",
        ];
        let steps: [&[&str]; 3] = [
            &["network", "create", &label, "--label=app=k3d", &handmade.network],
            &[
                "volume",
                "create",
                &label,
                "--label=app=k3d",
                &of_cluster,
                &handmade.volume,
            ],
            run,
        ];
        for step in steps {
            bed.docker(step).succeeded();
        }
        handmade
    }

    /// This cluster in `cluster list`.
    #[track_caller]
    fn listed(&self) -> Value {
        let list = self.bed.ratectl(&["cluster", "list", "-o", "json"]).succeeded();
        let lines = list
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON lines"));
        let all: Vec<Value> = lines.collect();
        let own = all.iter().find(|one| one["name"] == self.bed.cluster());
        own.unwrap_or_else(|| panic!("not listed: {all:#?}")).clone()
    }
}

/// The node image that `ratectl` uses by itself.
fn node_image() -> String {
    std::env::var("E2E_NODE_IMAGE").unwrap_or_else(|_| "rancher/k3s:v1.34.4-k3s1".to_owned())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

#[test]
fn a_cluster_made_by_hand_is_listed_stopped_started_and_deleted_only_by_force() {
    let bed = Bed::new("handmade");
    let handmade = Handmade::make(&bed);
    let listed = handmade.listed();
    assert_eq!(listed["servers"], 1, "{listed}");
    assert_eq!(listed["serversRunning"], 1, "{listed}");
    assert!(listed["madeBy"].to_string().contains("k3d"), "{listed}");

    bed.ratectl(&["stop-cluster", bed.cluster()]).succeeded();
    assert_eq!(state(&bed, &handmade.node), "exited");
    assert_eq!(handmade.listed()["serversRunning"], 0);
    bed.ratectl(&["start-cluster", bed.cluster()]).succeeded();
    assert_eq!(state(&bed, &handmade.node), "running");
    let nodes = bed.kubectl(&["get", "nodes", "-o", "name"]).succeeded();
    assert_eq!(nodes.stdout, format!("node/{}\n", handmade.node));

    let before = listing::of(&bed, bed.cluster());
    let refused = bed.ratectl(&["delete-cluster", bed.cluster()]).ended_with(9);
    assert!(
        refused.stderr.contains("k3d") && refused.stderr.contains("--force"),
        "{refused}"
    );
    let other = create_with(&bed, &["--recreate", "--image", "other/image:1"]).ended_with(9);
    assert!(other.stderr.contains("k3d"), "{other}");
    assert_eq!(listing::of(&bed, bed.cluster()), before);

    bed.ratectl(&["delete-cluster", bed.cluster(), "--force"])
        .succeeded();
    assert_eq!(listing::left_of(&bed, &before), [""; 0]);
    let contexts = crate::lifecycle::kubeconfig(&bed)["contexts"].to_string();
    assert!(!contexts.contains(&cluster::network(&bed)), "{contexts}");
}
