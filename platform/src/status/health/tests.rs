use std::collections::BTreeMap;
use std::path::PathBuf;

use test_case::test_case;

use super::*;
use crate::cluster::{Maker, Name, Role, State};
use crate::kubernetes::Workload;
use crate::status::{Component, Node, Profile, Registry};

/// A cluster with which nothing is wrong.
fn healthy() -> Status {
    Status {
        name: Name::try_from("dev".to_owned()).unwrap(),
        healthy: false,
        problems: Vec::new(),
        next: None,
        condition: Condition::Running,
        made_by: Some(Maker::Ratectl),
        since: None,
        nodes: vec![Node {
            name: "k3d-dev-server-0".to_owned(),
            role: Role::Server,
            container: State::Running,
            restarts: Some(0),
            ready: Some(true),
            reason: None,
            version: None,
            address: None,
            cordoned: false,
            pressure: Vec::new(),
        }],
        registries: vec![Registry {
            name: "dev-registry".to_owned(),
            container: State::Running,
            address: None,
            network: String::new(),
            repositories: Known::Known(0),
        }],
        profile: Known::Known(Profile {
            context: "k3d-dev".to_owned(),
            server: None,
            kubeconfig: PathBuf::new(),
            current: false,
        }),
        components: Known::Known(vec![Component {
            workload: Workload {
                labels: BTreeMap::new(),
                namespace: "rating".to_owned(),
                kind: "Deployment",
                name: "proxy".to_owned(),
                wanted: 1,
                updated: 1,
                ready: 1,
                images: Vec::new(),
                health: Health::Ready,
            },
            of_project: true,
        }]),
        deployed: Vec::new(),
        undeployed: Vec::new(),
        autoscalers: Vec::new(),
        streams: None,
        urls: Vec::new(),
    }
}

fn unknown<T>() -> Known<T> {
    let unknown = "why".to_owned();
    Known::Unknown { unknown }
}

fn component(status: &mut Status, health: Health) {
    if let Known::Known(components) = &mut status.components {
        components[0].workload.health = health;
    }
}

#[test]
fn nothing_wrong_is_healthy_and_needs_nothing() {
    let mut status = healthy();
    judge(&mut status, &Shape::default());
    assert!(
        status.healthy && status.problems.is_empty() && status.next.is_none(),
        "{status:?}"
    );
}

#[test_case(|s| s.condition = Condition::Absent, "there is no cluster dev", "create-cluster dev"; "absent")]
#[test_case(|s| s.condition = Condition::Stopped, "cluster dev is stopped", "start-cluster dev"; "stopped")]
#[test_case(|s| s.condition = Condition::HalfMade, "dev-registry is missing", "create-cluster dev"; "half made")]
#[test_case(|s| s.nodes[0].ready = None, "Kubernetes does not answer: ", "doctor dev"; "kubernetes silent")]
#[test_case(|s| s.nodes[0].ready = Some(false), "node k3d-dev-server-0 is not ready", "doctor dev"; "node not ready")]
#[test_case(|s| s.nodes[0].cordoned = true, "node k3d-dev-server-0 is cordoned", "uncordon k3d-dev-server-0"; "cordoned")]
#[test_case(|s| s.nodes[0].pressure = vec!["DiskPressure".to_owned()], "node k3d-dev-server-0 is short: DiskPressure", "doctor dev"; "short of disk")]
#[test_case(|s| s.registries[0].repositories = unknown(), "registry dev-registry does not answer: why", "doctor dev"; "registry silent")]
#[test_case(|s| s.profile = unknown(), "why", "start-cluster dev"; "no context")]
#[test_case(|s| component(s, Health::Degraded("crash".to_owned())), "Deployment rating/proxy is not well: crash", "describe deployment proxy"; "degraded")]
#[test_case(|s| component(s, Health::Progressing("1 of 2".to_owned())), "Deployment rating/proxy is on its way: 1 of 2", "describe deployment proxy"; "progressing")]
fn trouble(change: fn(&mut Status), problem: &str, next: &str) {
    let mut status = healthy();
    change(&mut status);
    judge(
        &mut status,
        &Shape::new(Vec::new(), vec!["dev-registry".to_owned()]),
    );
    assert!(!status.healthy);
    assert_eq!(status.problems, [problem]);
    assert!(status.next.as_deref().unwrap().contains(next), "{status:?}");
}

#[test]
fn of_a_stopped_cluster_nothing_else_is_told() {
    let mut status = healthy();
    status.condition = Condition::Stopped;
    status.nodes[0].ready = Some(false);
    status.registries[0].repositories = unknown();
    judge(&mut status, &Shape::default());
    assert_eq!(status.problems.len(), 1, "{status:?}");
}

#[test]
fn several_problems_are_all_told_and_the_first_says_what_to_do() {
    let mut status = healthy();
    status.nodes[0].ready = Some(false);
    status.profile = unknown();
    judge(&mut status, &Shape::default());
    assert_eq!(status.problems.len(), 2, "{status:?}");
    assert!(status.next.unwrap().contains("doctor"));
}

#[test]
fn what_kubernetes_brings_along_may_still_come_up_but_not_fail() {
    for (health, healthy_then) in [
        (Health::Progressing("0 of 1".to_owned()), true),
        (Health::Degraded("crash".to_owned()), false),
    ] {
        let mut status = healthy();
        component(&mut status, health);
        if let Known::Known(components) = &mut status.components {
            components[0].workload.namespace = "kube-system".to_owned();
        }
        judge(&mut status, &Shape::default());
        assert_eq!(status.healthy, healthy_then, "{status:?}");
    }
}
