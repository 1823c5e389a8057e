//! The system in `examples/postbox`, which has nothing in common with the project's own: the same program deploys it.

use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Bed, eventually};

/// What its `ratectl.yaml` says about the cluster.
const CLUSTER: &str = "cluster: {name: postbox, registry: {port: 5010}, install: [broker]}";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the example has folders");
    let paths = entries.map(|entry| entry.expect("the example can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// The example as it lies in the repository, but for the cluster.
fn copy(bed: &Bed) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/postbox");
    for file in files(&example) {
        let to = bed
            .project()
            .join(file.strip_prefix(&example).expect("it lies in it"));
        fs::create_dir_all(to.parent().expect("it has a folder")).expect("the project takes folders");
        // With its mode: the image gets it.
        fs::copy(&file, &to).expect("the project takes files");
    }
    let mut cluster = vec![
        format!("name: {}", bed.cluster()),
        format!("registry: {{port: {}}}", bed.registry_port()),
        "install: [broker]".to_owned(),
    ];
    cluster.extend(Some(Bed::mirrors()).filter(|mirrors| !mirrors.is_empty()));
    replace(
        bed,
        "ratectl.yaml",
        CLUSTER,
        &format!("cluster: {{{}}}", cluster.join(", ")),
    );
}

/// Changes what is in a file once.
#[track_caller]
fn replace(bed: &Bed, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(bed.project().join(file)).expect("the file is there");
    assert!(text.contains(from), "{file} says nothing of '{from}'");
    bed.write(file, &text.replacen(from, to, 1));
}

/// Puts a letter on the stream, as a user of the system would.
#[track_caller]
fn send(bed: &Bed, letter: &str) {
    let arguments = ["--namespace=post", "exec", "deploy/sorter", "--", "post", "send"];
    let answer = bed.kubectl(&[&arguments[..], &[letter]].concat()).succeeded();
    assert_eq!(answer.json()["stream"], "LETTERS");
}

fn is_said(bed: &Bed, line: &str) {
    eventually(line, || {
        let logs = bed.ratectl(&["logs", "sorter"]).succeeded();
        logs.stdout.contains(line).then_some(())
    });
}

#[test]
fn another_system_is_deployed_by_the_same_program() {
    let bed = Bed::new("example");
    copy(&bed);
    let created = bed.ratectl(&["create-cluster", "-o", "json"]).succeeded().json();
    let installed = &created["installed"]["components"];
    assert_eq!(
        (installed[0]["component"].as_str(), installed[1].as_str()),
        (Some("broker"), None)
    );
    let bare = bed
        .ratectl(&["create-cluster", "--bare", "-o", "json"])
        .succeeded()
        .json();
    assert!(bare["installed"].is_null(), "{bare}");

    // The stream is a need of the sorter, and is not there yet.
    let deployed = bed
        .ratectl(&["deploy", "sorter", "-o", "json"])
        .succeeded()
        .json();
    let components = deployed["components"].as_array().expect("a list");
    let names: Vec<_> = components
        .iter()
        .map(|component| (component["component"].as_str(), component["asked"].as_bool()))
        .collect();
    assert_eq!(
        names,
        [(Some("letters"), Some(false)), (Some("sorter"), Some(true))]
    );
    send(&bed, "Dear Ada");
    is_said(&bed, "sorted: Dear Ada");

    nothing_is_done_twice(&bed);
    pods_are_started_anew_when_their_configuration_changes(&bed);
    drift_is_shown_and_repaired(&bed);
}

#[track_caller]
fn nothing_is_done_twice(bed: &Bed) {
    let versions = || {
        let arguments = ["--namespace=post", "get", "deployments,configmaps", "-o", "json"];
        let listed = bed.kubectl(&arguments).succeeded().json();
        let items = listed["items"].as_array().expect("a list").clone();
        let ours = items
            .into_iter()
            .filter(|item| item["metadata"]["labels"]["ratectl.dev/project"] == "postbox");
        ours.map(|item| {
            (
                item["metadata"]["name"].clone(),
                item["metadata"]["generation"].clone(),
            )
        })
        .collect::<Vec<_>>()
    };
    let before = versions();
    let again = bed.ratectl(&["create-cluster", "-o", "json"]).succeeded().json();
    assert_eq!(again["outcome"], "unchanged", "{again}");
    let text = bed.ratectl(&["deploy"]).succeeded();
    assert!(text.stdout.contains("there was nothing to do"), "{text}");
    assert_eq!(versions(), before);
}

#[track_caller]
fn pods_are_started_anew_when_their_configuration_changes(bed: &Bed) {
    replace(bed, "manifests/sorter/sorter.yaml", "WORD: sorted", "WORD: filed");
    bed.ratectl(&["deploy", "sorter"]).succeeded();
    only_the_new_pod_is_left(bed);
    send(bed, "Dear Bob");
    is_said(bed, "filed: Dear Bob");
}

/// Until it has gone, the pod with the old configuration may still take a letter.
#[track_caller]
fn only_the_new_pod_is_left(bed: &Bed) {
    let arguments = ["--namespace=post", "get", "pods", "--output=name"];
    let selected = [&arguments[..], &["--selector=app.kubernetes.io/name=sorter"]].concat();
    eventually("one sorter is left", || {
        let pods = bed.kubectl(&selected).succeeded();
        (pods.stdout.lines().count() == 1).then_some(())
    });
}

#[track_caller]
fn drift_is_shown_and_repaired(bed: &Bed) {
    bed.ratectl(&["streams", "diff"]).succeeded();
    replace(
        bed,
        "manifests/letters/letters.yaml",
        "ackWait: 5s",
        "ackWait: 6s",
    );
    let different = bed
        .ratectl(&["streams", "diff", "--profile", "dev"])
        .ended_with(1);
    assert!(different.stdout.contains("ack_wait 5s -> 6s"), "{different}");
    bed.ratectl(&["streams", "apply"]).succeeded();
    bed.ratectl(&["streams", "diff"]).succeeded();
    let listed = bed.ratectl(&["streams", "ls", "-o", "json"]).succeeded();
    assert_eq!(listed.json()["name"], "LETTERS");
}
