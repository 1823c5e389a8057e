//! `status` and `doctor` on a cluster that runs; the other states are asked for where they come up.

use e2e::Bed;

#[test]
fn a_running_cluster_is_well() {
    let bed = Bed::shared("health-status");
    let status = bed.ratectl(&["status", bed.cluster(), "-o", "json"]).succeeded();
    let text = status.json().to_string();
    assert!(text.contains(&bed.server(0)), "{status}");
    let words = bed.ratectl(&["status", bed.cluster()]).succeeded();
    assert!(words.stdout.contains(bed.cluster()), "{words}");
}

#[test]
fn a_cluster_that_is_not_there_is_not_well() {
    let bed = Bed::new("health-absent");
    let status = bed.ratectl(&["status", bed.cluster()]);
    assert_ne!(status.code, 0, "{status}");
}

#[test]
fn the_doctor_examines_a_running_cluster() {
    let bed = Bed::shared("health-doctor");
    let doctor = bed.ratectl(&["doctor", "-o", "json"]);
    let findings: Vec<serde_json::Value> = doctor
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(!findings.is_empty(), "{doctor}");
    let bad: Vec<_> = findings.iter().filter(|one| one["verdict"] == "error").collect();
    assert!(bad.is_empty(), "{bad:#?}\n{doctor}");
}
