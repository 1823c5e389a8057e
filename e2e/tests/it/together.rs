//! Several at once: creates of one cluster, of two, and changes of one kubeconfig.

use std::process::Command;
use std::time::Duration;

use e2e::{Bed, Process};

use crate::cluster::{self, create, create_args, verb};
use crate::lifecycle::kubeconfig;

const LIMIT: Duration = Duration::from_mins(5);

#[test]
fn of_two_creates_of_one_cluster_the_second_waits_and_says_for_whom() {
    let bed = Bed::new("two-creates");
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &["-o", "json"]);
    let mut first = bed.spawn(&args);
    first.said("\"step\":\"network\"");
    let mut second = bed.spawn(&args);
    second.said("\"state\":\"waiting\"");
    let waiting = second.stderr();
    let refused = bed.ratectl(&[&args[..], &["--no-wait"]].concat()).ended_with(9);

    let first = bed.record(first.end(LIMIT)).succeeded();
    let second = bed.record(second.end(LIMIT)).succeeded();
    assert_eq!(first.json()["outcome"], "created", "{first}");
    assert_eq!(second.json()["outcome"], "unchanged", "{second}");
    for said in [&waiting, &refused.stderr] {
        assert!(said.contains("process"), "it names the holder: {said}");
    }
    cluster::is_usable(&bed);
}

#[test]
fn two_clusters_are_made_at_once_and_share_a_kubeconfig() {
    let beds = [Bed::new("two-clusters-a"), Bed::new("two-clusters-b")];
    let started = beds.each_ref().map(|bed| {
        let port = bed.registry_port().to_string();
        let mut command = bed.ratectl_command(&create_args(bed, &port, &[]));
        command.env("KUBECONFIG", beds[0].kubeconfig());
        Process::start(command)
    });
    for (process, bed) in started.into_iter().zip(&beds) {
        bed.record(process.end(LIMIT)).succeeded();
    }
    let contexts = kubeconfig(&beds[0])["contexts"].to_string();
    for bed in &beds {
        assert!(contexts.contains(&cluster::network(bed)), "{contexts}");
        let context = format!("--context={}", cluster::network(bed));
        let nodes = beds[0].command("kubectl", &[&context, "get", "nodes"]);
        beds[0].run(nodes).succeeded();
    }
}

#[test]
fn eight_merges_beside_eight_changes_by_kubectl_lose_nothing() {
    let bed = Bed::new("merges");
    create(&bed);
    let context = cluster::network(&bed);
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &[]);
    for entry in ["delete-context", "delete-cluster"] {
        bed.run(bed.command("kubectl", &["config", entry, &context]))
            .succeeded();
    }
    let merges: Vec<Process> = (0..8)
        .map(|number| {
            let mut command = bed.ratectl_command(&args);
            // A state folder each: the cluster's lock would let only one of them at the file.
            command.env("XDG_STATE_HOME", bed.state().join(number.to_string()));
            Process::start(command)
        })
        .collect();
    // One after the other: kubectl reads the file before it locks it, so two of them lose each other's changes.
    for number in 0..8 {
        set_context(&bed, &format!("other-{number}"));
    }
    for merge in merges {
        bed.record(merge.end(LIMIT)).succeeded();
    }
    // For the same reason kubectl may have taken away what a merge had just written; a merge never takes anything.
    bed.ratectl(&args).succeeded();
    let found = kubeconfig(&bed);
    let contexts = found["contexts"].to_string();
    for name in (0..8).map(|number| format!("other-{number}")).chain([context]) {
        assert!(
            contexts.contains(&format!("\"{name}\"")),
            "{name} is lost: {found:#}"
        );
    }
    bed.kubectl(&["get", "nodes"]).succeeded();
    verb(&bed, "delete-cluster", &["--all"]);
    let left = kubeconfig(&bed)["contexts"].as_array().map_or(0, Vec::len);
    assert_eq!(left, 8);
}

/// Adds a context as kubectl does it: it takes the same lock, and gives up at once when somebody has it.
fn set_context(bed: &Bed, name: &str) {
    e2e::eventually(&format!("context {name}"), || {
        let mut command: Command = bed.command("kubectl", &["config", "set-context", name, "--cluster=none"]);
        command
            .output()
            .is_ok_and(|output| output.status.success())
            .then_some(())
    });
}
