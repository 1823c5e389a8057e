//! What pods log, seen from outside.

use std::time::Duration;

use e2e::{Bed, eventually};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A pod of a component that runs a line of shell.
fn manifest(name: &str, script: &str) -> String {
    let pod = json!({
        "metadata": {"labels": {"app": name}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "main", "image": "docker.io/library/busybox:1.36.1", "command": ["sh", "-c", script]}],
        },
    });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": pod},
    })
    .to_string()
}

#[test]
fn logs_of_components_are_shown_joined_and_with_their_crashes() {
    let bed = Bed::new("logs");
    let component = |name: &str| json!({"manifests": format!("manifests/{name}"), "namespace": "default"});
    let document = json!({
        "name": "logged",
        "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}},
        "components": {"first": component("first"), "second": component("second"), "crashing": component("crashing")},
    });
    bed.write("ratectl.yaml", &document.to_string());
    bed.ratectl(&["create-cluster"]).succeeded();
    // Each waits for a moment after the other one, by its own clock.
    let scripts = [
        (
            "first",
            "echo '{\"RequestId\":\"r-1\",\"n\":1}'; echo other r-10; sleep 2; echo r-1 again; exec sleep 600",
        ),
        ("second", "sleep 1; printf 'got r-1\\033[2J\\n'; exec sleep 600"),
        ("crashing", "echo about to fail; exit 3"),
    ];
    for (name, script) in scripts {
        let file = bed.write(&format!("manifests/{name}/{name}.yaml"), &manifest(name, script));
        bed.kubectl(&["apply", "-f", &file.display().to_string()])
            .succeeded();
    }
    eventually("three lines about the request", || {
        let run = bed
            .ratectl(&["-o", "json", "logs", "--request", "r-1", "second", "first"])
            .succeeded();
        let lines: Vec<Value> = run
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let times: Vec<&str> = lines.iter().filter_map(|line| line["time"].as_str()).collect();
        assert!(times.is_sorted(), "{run}");
        assert!(!run.stdout.contains("r-10"), "{run}");
        (lines.len() == 3).then_some(())
    });
    let second = bed.ratectl(&["logs", "second"]).succeeded();
    assert!(second.stdout.contains("/main | got r-1\n"), "{second}");

    eventually("the crash and what was said before it", || {
        let run = bed.ratectl(&["logs", "crashing"]);
        (run.stderr.contains("ended with exit code 3") && run.stdout.contains("about to fail")).then_some(())
    });

    let mut follow = bed.spawn(&["logs", "-f", "first"]);
    follow.said("r-1 again");
    bed.kubectl(&["scale", "deployment/first", "--replicas=2"])
        .succeeded();
    follow.said("joined");
    eventually("the lines of the new pod", || {
        (follow.stdout().matches("other r-10").count() == 2).then_some(())
    });
    follow.signal(Signal::INT);
    let ended = bed.record(follow.end(Duration::from_mins(1)));
    assert_eq!(ended.code, 0, "{ended}");
}
