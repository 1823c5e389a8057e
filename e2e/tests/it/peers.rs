//! Three NATS servers in a cluster, as the overlay `ha` makes them: one of them dies under load.

mod load;

use std::time::Instant;

use e2e::{Bed, Process, eventually, repository};
use serde_json::{Value, json};

use load::Load;

/// Acknowledgements between two steps of the test.
const SOME: usize = 300;

/// NATS and the streams of this repository, three servers and three copies.
fn system(bed: &Bed) {
    for component in ["namespaces", "nats", "streams"] {
        let from = repository().join("manifests").join(component);
        let to = bed.project().join("manifests");
        std::fs::create_dir_all(&to).expect("the project takes folders");
        let words = [
            "-r".to_owned(),
            from.display().to_string(),
            to.display().to_string(),
        ];
        bed.run(bed.command("cp", &words.each_ref().map(String::as_str)))
            .succeeded();
    }
    let component = |name: &str, needs: &[&str]| json!({"manifests": format!("manifests/{name}"), "namespace": "messaging", "needs": needs});
    let mut document = json!({
        "name": "peers",
        "streams": {"folder": "manifests/streams", "managedBy": "ratectl", "server": "nats"},
        "profiles": {"ha": {"overlays": ["ha"]}},
        "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}, "install": []},
        "components": {
            "namespaces": component("namespaces", &[]),
            "nats": component("nats", &["namespaces"]),
            "streams": component("streams", &["nats"]),
        },
    });
    if let Some(mirror) = Bed::mirror() {
        document["cluster"]["mirrors"] = json!({"*": {"endpoint": [mirror]}});
    }
    bed.write("ratectl.yaml", &document.to_string());
    bed.ratectl(&["create-cluster"]).succeeded();
    bed.ratectl(&["deploy"]).succeeded();
}

/// The forward, and the address that it listens on.
fn forward(bed: &Bed) -> (Process, String) {
    let mut forward = bed.spawn(&["-o", "json", "port-forward", "nats", ":4222"]);
    forward.said("\"type\":\"forward\"");
    let line: Value = serde_json::from_str(forward.stdout().trim()).expect("the line is JSON");
    let local = line["local"].as_str().expect("it says where it listens");
    (forward, local.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost_when_the_leader_dies() {
    let bed = Bed::new("peers");
    system(&bed);
    let (forward, address) = forward(&bed);
    let load = Load::begin(&address).await;
    let began = Instant::now();
    load.goes_on(SOME).await;

    let leader = load.leader().await;
    let uid = |name: &str| {
        let pod = bed.kubectl(&["get", "pod", name, "-n", "messaging", "-o", "json"]);
        (pod.code == 0).then(|| pod.json()["metadata"]["uid"].clone())
    };
    let before = uid(&leader);
    let killed = Instant::now();
    let words = [
        "delete",
        "pod",
        &leader,
        "-n",
        "messaging",
        "--grace-period=0",
        "--force",
    ];
    bed.kubectl(&words).succeeded();
    eventually("another pod in its place", || {
        uid(&leader).filter(|uid| Some(uid) != before.as_ref())
    });
    bed.kubectl(&[
        "wait",
        "pod",
        &leader,
        "-n",
        "messaging",
        "--for=condition=Ready",
        "--timeout=2m",
    ])
    .succeeded();
    let back = killed.elapsed();
    load.goes_on(SOME).await;
    let next = load.leader().await;

    let end = load.end().await;
    println!(
        "{leader} was killed, {next} leads: {} writes acknowledged, {} lost, {} twice, {} attempts without an answer; \
         the longest gap between two acknowledgements {} ms (before the kill {} ms); the pod was back after {:.1} s",
        end.acknowledged,
        end.lost.len(),
        end.twice,
        end.failed,
        end.gap(killed, killed + back).as_millis(),
        end.gap(began, killed).as_millis(),
        back.as_secs_f64(),
    );
    assert_eq!(end.lost, [""; 0], "{}", forward.stderr());
    assert_eq!(end.twice, 0);
}
