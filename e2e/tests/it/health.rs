//! `status` and `doctor` on a cluster in each state.

use e2e::{Bed, Run};
use serde_json::Value;

use crate::cluster::{create, registry, verb};

/// What the doctor looks at in a cluster. The rest is about the machine, and that may be full or busy.
const IN_THE_CLUSTER: [&str; 7] = [
    "cluster",
    "image",
    "node-dns",
    "pod-dns",
    "registry",
    "registry-hosting",
    "restarts",
];

/// What `status` says, and with which exit code.
fn status(bed: &Bed) -> (i32, Value) {
    let run = bed.ratectl(&["status", bed.cluster(), "-o", "json"]);
    (run.code, run.json())
}

fn doctor(bed: &Bed) -> Run {
    bed.ratectl(&["doctor", bed.cluster(), "-o", "json"])
}

/// What the doctor found in a check.
#[track_caller]
fn verdict(doctor: &Run, check: &str) -> String {
    let findings = doctor
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut of_check = findings.filter(|finding| finding["check"] == check);
    let finding = of_check
        .next()
        .unwrap_or_else(|| panic!("no check {check}\n{doctor}"));
    finding["verdict"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_running_cluster_is_well() {
    let bed = Bed::shared("health-running");
    let (code, told) = status(&bed);
    assert_eq!((code, &told["condition"]), (0, &"running".into()), "{told:#}");
    assert_eq!(told["nodes"][0]["name"], bed.server(0), "{told:#}");
    let words = bed.ratectl(&["status", bed.cluster()]).succeeded();
    assert!(words.stdout.contains(bed.cluster()), "{words}");
    let doctor = doctor(&bed);
    for check in IN_THE_CLUSTER {
        assert_eq!(verdict(&doctor, check), "ok", "{check}\n{doctor}");
    }
}

#[test]
fn what_is_wrong_with_a_cluster_is_told_with_the_way_out() {
    let bed = Bed::new("health");
    let (code, told) = status(&bed);
    assert_eq!((code, &told["condition"]), (1, &"absent".into()), "{told:#}");
    assert_eq!(verdict(&doctor(&bed), "cluster"), "skipped");
    create(&bed);

    bed.docker(&["rm", "--force", "--volumes", &registry(&bed)])
        .succeeded();
    let (code, told) = status(&bed);
    assert_eq!((code, &told["condition"]), (1, &"half-made".into()), "{told:#}");
    assert_eq!(verdict(&doctor(&bed), "cluster"), "error");
    let way_out = told["next"].to_string();
    assert!(way_out.contains("create-cluster"), "{way_out}");
    create(&bed);
    assert_eq!(status(&bed).0, 0);

    verb(&bed, "stop-cluster", &[]);
    let (code, told) = status(&bed);
    assert_eq!((code, &told["condition"]), (1, &"stopped".into()), "{told:#}");
    assert_eq!(verdict(&doctor(&bed), "cluster"), "warning");
    let way_out = told["next"].to_string();
    assert!(way_out.contains("start-cluster"), "{way_out}");
}
