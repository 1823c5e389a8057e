//! What is found out about objects, pods and warnings as a real cluster gave them.

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{Event, Pod};
use serde::Deserialize;
use serde_json::Value;
use test_case::test_case;

use super::finding::Finding;
use super::scene::Scene;
use super::target::{Target, targets};
use super::{Kind, examine};
use crate::kubernetes::rollout::Rollout;
use crate::manifest::Object;

/// One workload in trouble, with what was around it. Recorded with Kubernetes 1.34 and containerd, a line each.
#[derive(Deserialize)]
struct Recorded {
    case: String,
    object: Value,
    sets: Vec<ReplicaSet>,
    pods: Vec<Pod>,
    warnings: Vec<Event>,
}

impl Recorded {
    fn of(case: &str) -> Self {
        let lines = include_str!("tests/recorded.jsonl").lines();
        let mut all = lines.map(|line| serde_json::from_str::<Recorded>(line).unwrap());
        all.find(|recorded| recorded.case == case).unwrap()
    }

    fn target(&self) -> Target {
        let object = Object::new(self.object.clone()).unwrap();
        targets(&[object]).into_values().flatten().next().unwrap()
    }

    fn rollout(&self) -> Rollout {
        self.target().rule.judge(&self.object)
    }

    fn findings(&self, makers: bool) -> Vec<Finding> {
        let scene = Scene {
            pods: self.pods.iter().collect(),
            sets: self.sets.iter().collect(),
            warnings: self.warnings.iter().collect(),
            makers,
            ..Scene::default()
        };
        examine::examine(&self.target(), &self.object, &self.rollout(), Some(&scene))
    }
}

#[test_case("armonly", Kind::ImagePlatform)]
#[test_case("badname", Kind::ImageName)]
#[test_case("cpu", Kind::Unschedulable)]
#[test_case("crash", Kind::Crash)]
#[test_case("ds", Kind::Quota)]
#[test_case("init", Kind::Crash)]
#[test_case("job", Kind::Job)]
#[test_case("liveness", Kind::Probe)]
#[test_case("mountkey", Kind::MissingConfig)]
#[test_case("mountnfs", Kind::Volume)]
#[test_case("mountsecret", Kind::MissingConfig)]
#[test_case("nocommand", Kind::Start)]
#[test_case("noconfig", Kind::MissingConfig)]
#[test_case("noimage", Kind::ImageNotFound)]
#[test_case("nokey", Kind::MissingConfig)]
#[test_case("nonroot", Kind::Start)]
#[test_case("nopvc", Kind::Volume)]
#[test_case("nosa", Kind::ServiceAccount)]
#[test_case("nosecret", Kind::MissingConfig)]
#[test_case("notfound", Kind::ImageNotFound)]
#[test_case("olderpod", Kind::OlderPod)]
#[test_case("oom", Kind::OutOfMemory)]
#[test_case("pendpvc", Kind::Volume)]
#[test_case("quota", Kind::Quota)]
#[test_case("readiness503", Kind::Probe)]
#[test_case("readinessexec", Kind::Probe)]
#[test_case("refused", Kind::ImageRefused)]
#[test_case("security", Kind::Admission)]
#[test_case("selector", Kind::Unschedulable)]
#[test_case("slowjob", Kind::Job)]
#[test_case("startup", Kind::Probe)]
#[test_case("sts", Kind::Quota)]
#[test_case("taint2", Kind::Unschedulable)]
fn the_trouble_of_a_recorded_workload_is_named(case: &str, kind: Kind) {
    let recorded = Recorded::of(case);
    assert_ne!(recorded.rollout(), Rollout::Done);
    let found = recorded.findings(false);
    assert_eq!(found.first().map(|finding| finding.kind), Some(kind), "{found:?}");
}

#[test]
fn every_recorded_trouble_in_words() {
    let lines = include_str!("tests/recorded.jsonl").lines();
    let all = lines.map(|line| serde_json::from_str::<Recorded>(line).unwrap());
    let told: Vec<String> = all
        .map(|recorded| {
            let found = recorded.findings(false);
            let words = found
                .iter()
                .map(|one| format!("  {:?}, patience {:?}\n  {}\n", one.kind, one.patience, one.cause));
            format!(
                "{}: {:?}\n{}",
                recorded.case,
                recorded.rollout(),
                words.collect::<String>()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test_case("good")]
#[test_case("jobok")]
fn what_is_done_is_done_and_nothing_is_wrong_with_it(case: &str) {
    let recorded = Recorded::of(case);
    assert_eq!(recorded.rollout(), Rollout::Done);
    assert!(recorded.findings(false).is_empty());
}

#[test]
fn a_missing_secret_gets_longer_while_something_is_under_way_that_may_write_it() {
    let recorded = Recorded::of("nosecret");
    assert!(recorded.findings(true)[0].patience > recorded.findings(false)[0].patience);
}

#[test]
fn pods_of_an_older_template_say_nothing() {
    let mut recorded = Recorded::of("crash");
    let mut newer = recorded.sets[0].clone();
    newer.metadata.uid = Some("newer".to_owned());
    let annotations = newer.metadata.annotations.get_or_insert_default();
    annotations.insert("deployment.kubernetes.io/revision".to_owned(), "10".to_owned());
    recorded.sets.push(newer);
    recorded.object["status"] =
        serde_json::json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 1});
    assert_eq!(recorded.findings(false), []);
}

#[test]
fn the_first_crashes_are_waited_out() {
    let mut recorded = Recorded::of("crash");
    recorded.object["status"] =
        serde_json::json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1});
    assert_eq!(
        recorded.findings(false)[0].patience,
        super::finding::Patience::None
    );
    let status = recorded.pods[0].status.as_mut().unwrap();
    status.container_statuses.as_mut().unwrap()[0].restart_count = 2;
    assert_eq!(
        recorded.findings(false)[0].patience,
        super::finding::Patience::Whole
    );
}

#[test]
fn an_older_pod_that_does_not_run_holds_up_only_sets_that_keep_the_order() {
    let mut recorded = Recorded::of("olderpod");
    recorded.object["spec"]["podManagementPolicy"] = "Parallel".into();
    assert_eq!(recorded.findings(false), []);
}

#[test]
fn the_command_for_an_older_pod_lets_the_set_go_on() {
    let finding = &Recorded::of("olderpod").findings(false)[0];
    let command = super::command::command("c", Some("x"), &finding.look, None);
    assert_eq!(command, "kubectl --context c --namespace x delete pod database-0");
}
