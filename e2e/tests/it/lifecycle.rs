//! A cluster's life: created twice, stopped, started, deleted, and found again after a reboot; nothing else is touched.

use std::fs;

use e2e::{Bed, visitor};
use serde_json::Value;

use crate::cluster::{self, create, create_with, state, verb};
use crate::decoy::{self, Decoys};
use crate::listing;

/// The kubeconfig as kubectl reads it.
#[track_caller]
pub(crate) fn kubeconfig(bed: &Bed) -> Value {
    let view = bed.command("kubectl", &["config", "view", "--raw", "-o", "json"]);
    bed.run(view).succeeded().json()
}

/// A pod that takes a second to flush after it was told to end, and writes it down where it outlives the pod.
#[track_caller]
fn run_flushing_pod(bed: &Bed) {
    let image = visitor::push(bed.registry_port());
    let manifest = format!(
        "\
apiVersion: v1
kind: Pod
metadata: {{name: database}}
spec:
  containers:
  - name: visitor
    image: {image}
    args: [flush, /data/flushed, '1']
    volumeMounts: [{{name: data, mountPath: /data}}]
  volumes:
  - name: data
    hostPath: {{path: /var/lib/rancher/k3s/e2e, type: DirectoryOrCreate}}
"
    );
    let file = bed.write("database.yaml", &manifest);
    bed.kubectl(&["apply", "-f", &file.to_string_lossy()]).succeeded();
    let ready = ["wait", "pod/database", "--for=condition=Ready", "--timeout=120s"];
    bed.kubectl(&ready).succeeded();
}

#[test]
fn a_cluster_lives_and_dies_and_nothing_else_is_touched() {
    let bed = Bed::new("lifecycle");
    fs::write(bed.kubeconfig(), decoy::kubeconfig(&bed)).expect("a first kubeconfig");
    let person = kubeconfig(&bed);
    let decoys = Decoys::make(&bed);
    create(&bed);
    cluster::is_usable(&bed);

    nothing_is_changed_by_a_second_create(&bed);

    run_flushing_pod(&bed);
    let running = decoys.taken_out_of(listing::of(&bed, bed.cluster()));
    let stopped = verb(&bed, "stop-cluster", &["-o", "json"]).json();
    assert_eq!(stopped["outcome"], "stopped", "{stopped}");
    for container in [bed.server(0), cluster::registry(&bed)] {
        assert_eq!(state(&bed, &container), "exited", "{container}");
    }
    let flushed = bed.project().join("flushed");
    let from = format!("{}:/var/lib/rancher/k3s/e2e/flushed", bed.server(0));
    bed.docker(&["cp", &from, &flushed.to_string_lossy()]).succeeded();
    let again = verb(&bed, "stop-cluster", &["-o", "json"]).json();
    assert_eq!(again["outcome"], "unchanged", "{again}");
    let refused = bed.ratectl(&["status", bed.cluster()]);
    assert_ne!(refused.code, 0, "a stopped cluster is not well\n{refused}");

    verb(&bed, "start-cluster", &[]);
    dns_is_of_this_start(&bed);
    cluster::is_usable(&bed);
    let started = decoys.taken_out_of(listing::of(&bed, bed.cluster()));
    assert_eq!(listing::names(&started), listing::names(&running));
    let ready = ["wait", "pod/database", "--for=condition=Ready", "--timeout=120s"];
    bed.kubectl(&ready).succeeded();

    let deleted = verb(&bed, "delete-cluster", &["-o", "json"]).json();
    assert_eq!(deleted["outcome"], "removed", "{deleted}");
    let volume = format!("volume {}", cluster::registry(&bed));
    assert_eq!(listing::left_of(&bed, &started), [volume]);
    assert_eq!(kubeconfig(&bed), person);
    let text = fs::read_to_string(bed.kubeconfig()).expect("the file is there");
    for unknown in ["x-unknown: kept", "x-also: kept"] {
        assert!(text.contains(unknown), "{text}");
    }
    let again = verb(&bed, "delete-cluster", &["--all", "-o", "json"]).json();
    assert_eq!(listing::left_of(&bed, &started), [""; 0], "{again}");
    verb(&bed, "delete-cluster", &[]);
    decoys.are_untouched(&bed);
}

/// What the API server kept from before the stop does not count: `CoreDNS` was started after the node was.
#[track_caller]
fn dns_is_of_this_start(bed: &Bed) {
    let node = cluster::inspect(bed, "container", &bed.server(0));
    let node = node["State"]["StartedAt"].as_str().unwrap_or_default().to_owned();
    let coredns = [
        "get",
        "pods",
        "-n",
        "kube-system",
        "-l",
        "k8s-app=kube-dns",
        "-o",
        "json",
    ];
    let pods = bed.kubectl(&coredns).succeeded().json();
    let running = &pods["items"][0]["status"]["containerStatuses"][0]["state"]["running"];
    let pod = running["startedAt"].as_str().unwrap_or_default();
    // Whole seconds against fractions: both are RFC 3339 in UTC, which sorts as text.
    assert!(
        pod >= &node[..pod.len().min(19)] && !pod.is_empty(),
        "{pod} is before {node}"
    );
}

#[track_caller]
fn nothing_is_changed_by_a_second_create(bed: &Bed) {
    let listing = listing::of(bed, bed.cluster());
    let bytes = fs::read(bed.kubeconfig()).expect("the file is there");
    let run = create_with(bed, &["-o", "json"]).succeeded();
    assert_eq!(run.json()["outcome"], "unchanged", "{run}");
    assert_eq!(listing::of(bed, bed.cluster()), listing);
    assert_eq!(fs::read(bed.kubeconfig()).expect("the file is there"), bytes);
    let words = create(bed);
    assert!(
        (words.stdout.clone() + &words.stderr).contains("nothing to do"),
        "{words}"
    );
}

#[test]
fn after_a_reboot_other_containers_have_the_addresses_and_start_finds_its_way() {
    let bed = Bed::new("reboot");
    create(&bed);
    let image = visitor::push(bed.registry_port());
    let (server, registry) = (bed.server(0), cluster::registry(&bed));
    let addresses = || [address(&bed, &server), address(&bed, &registry)];
    let before = addresses();
    // Killed, not asked: as when the power goes.
    bed.docker(&["kill", &server, &registry]).succeeded();
    let network = format!("--network={}", cluster::network(&bed));
    let label = format!("--label={}", bed.label());
    let strangers = ["a", "b"].map(|letter| format!("{}-stranger-{letter}", bed.cluster()));
    for stranger in &strangers {
        bed.docker(&["run", "-d", &label, &network, "--name", stranger, "registry:3"])
            .succeeded();
    }

    verb(&bed, "start-cluster", &[]);

    cluster::is_usable(&bed);
    let after = addresses();
    assert!(
        before.iter().all(|address| !after.contains(address)),
        "{before:?} {after:?}"
    );
    let said = cluster::visit(&bed, "after", &image, &["resolve", &registry]);
    assert_eq!(said.trim(), after[1], "pods find the registry where it is now");
    let deleted = verb(&bed, "delete-cluster", &["-o", "json"]).json();
    let kept = deleted["kept"].to_string();
    assert!(kept.contains(&cluster::network(&bed)), "{deleted:#}");
    for stranger in &strangers {
        assert_eq!(state(&bed, stranger), "running");
    }
}

/// A container's address on the cluster's network.
#[track_caller]
fn address(bed: &Bed, container: &str) -> String {
    let found = cluster::inspect(bed, "container", container);
    let network = &found["NetworkSettings"]["Networks"][cluster::network(bed)];
    network["IPAddress"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_current_context_is_switched_when_asked_and_unset_with_its_cluster() {
    let bed = Bed::new("current-context");
    create_with(&bed, &["--switch-context"]).succeeded();
    assert_eq!(kubeconfig(&bed)["current-context"], *cluster::network(&bed));
    verb(&bed, "delete-cluster", &["--all"]);
    let left = kubeconfig(&bed);
    assert_eq!(left["current-context"], "", "{left}");
    for entries in ["clusters", "contexts", "users"] {
        assert!(left[entries].as_array().is_none_or(Vec::is_empty), "{left}");
    }
}
