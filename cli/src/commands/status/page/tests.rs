use std::collections::BTreeMap;
use std::path::PathBuf;

use platform::cluster::{Maker, Name, Role};
use platform::kubernetes::Workload;
use platform::status::Metric;
use platform::streams::{Resource, Verdict};

use super::*;

fn node() -> Node {
    Node {
        name: "k3d-dev-server-0".to_owned(),
        role: Role::Server,
        container: State::Running,
        restarts: Some(2),
        ready: Some(true),
        reason: None,
        version: Some("v1.34.4+k3s1".to_owned()),
        address: Some("172.20.0.3".to_owned()),
        cordoned: true,
        pressure: Vec::new(),
    }
}

fn component(name: &str, of_project: bool, health: Health) -> Component {
    let image = |digest: Option<&str>| RunningImage {
        container: "main".to_owned(),
        image: "localhost:5000/x".to_owned(),
        digest: digest.map(str::to_owned),
    };
    Component {
        workload: Workload {
            labels: BTreeMap::new(),
            namespace: "rating".to_owned(),
            kind: "Deployment",
            name: name.to_owned(),
            wanted: 2,
            updated: 2,
            ready: 1,
            images: vec![image(Some("sha256:0123456789abcdef")), image(None)],
            health,
        },
        of_project,
    }
}

fn url(url: &str, target: Target, answers: Option<u16>) -> Url {
    let url = url.to_owned();
    Url { url, target, answers }
}

fn status() -> Status {
    let node_name = || "k3d-dev-server-0".to_owned();
    let name = || "dev-registry".to_owned();
    Status {
        name: Name::try_from("dev".to_owned()).unwrap(),
        healthy: false,
        problems: vec![
            "node k3d-dev-server-0 is cordoned".to_owned(),
            "Deployment rating/proxy is not well: container main ends again and again with exit code 1\u{1b}[2J"
                .to_owned(),
        ],
        next: Some("Let pods onto it with `kubectl --context k3d-dev uncordon k3d-dev-server-0`.".to_owned()),
        condition: Condition::Running,
        made_by: Some(Maker::Ratectl),
        since: Some("2026-01-02T03:04:05.678901234Z".to_owned()),
        nodes: vec![node()],
        registries: vec![Registry {
            name: name(),
            container: State::Running,
            address: Some("localhost:5000".to_owned()),
            network: "dev-registry:5000".to_owned(),
            repositories: Known::Known(3),
        }],
        profile: Known::Known(Profile {
            context: "k3d-dev".to_owned(),
            server: Some("https://127.0.0.1:6550".to_owned()),
            kubeconfig: PathBuf::from("/home/me/.kube/config"),
            current: true,
        }),
        components: Known::Known(vec![
            component("proxy", true, Health::Degraded("it ends".to_owned())),
            component("helper", false, Health::Ready),
        ]),
        deployed: vec![Deployed {
            component: "proxy".to_owned(),
            revision: 3,
            time: "2026-01-02T03:04:05.678Z".to_owned(),
            images: ["localhost:5000/x:1@sha256:0123456789abcdef".to_owned(), "nats:2".to_owned()].into(),
            health: Some(Health::Progressing("1 of 2".to_owned())),
        }],
        undeployed: Vec::new(),
        autoscalers: vec![Autoscaler {
            namespace: "rating".to_owned(),
            name: "proxy".to_owned(),
            scales: "Deployment/proxy".to_owned(),
            metrics: vec![Metric {
                name: "cpu".to_owned(),
                current: Some("91%".to_owned()),
                target: "70%".to_owned(),
            }],
            replicas: 2,
            wanted: 3,
            min: 2,
            max: 5,
        }],
        streams: Some(Known::Known(vec![Difference {
            resource: Resource::Stream {
                name: "OLD".to_owned(),
            },
            verdict: Verdict::Orphan,
        }])),
        urls: vec![
            url("https://127.0.0.1:6550", Target::KubernetesApi, None),
            url("http://localhost:5000", Target::Registry { name: name() }, None),
            url("http://127.0.0.1:8080", Target::Port { node: node_name(), port: 80 }, Some(404)),
            url("http://127.0.0.1:8080/ui", Target::Path { path: "/ui" }, Some(200)),
            url("http://127.0.0.1:8081", Target::Port { node: node_name(), port: 81 }, None),
        ],
    }
}

#[test]
fn every_part_has_its_heading_and_fits_a_narrow_terminal() {
    let text = text(&status(), Paint::new(false));
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_not_known_says_why_and_keeps_nothing_else_from_being_told() {
    let unknown = || "the API server does not answer within 2 s".to_owned();
    let mut status = status();
    status.nodes[0] = Node {
        ready: None,
        version: None,
        cordoned: false,
        ..node()
    };
    status.components = Known::Unknown { unknown: unknown() };
    status.profile = Known::Unknown {
        unknown: "there is no context k3d-dev in /c".to_owned(),
    };
    status.registries[0].repositories = Known::Unknown {
        unknown: "it does not run".to_owned(),
    };
    status.problems = vec![format!("Kubernetes does not answer: {}", unknown())];
    insta::assert_snapshot!(text(&status, Paint::new(false)));
}

#[test]
fn of_an_absent_cluster_there_is_one_line() {
    let absent = Status {
        condition: Condition::Absent,
        made_by: None,
        since: None,
        ..status()
    };
    assert_eq!(text(&absent, Paint::new(false)), "Cluster dev: absent\n");
}

#[test]
fn colour_only_adds_to_the_words() {
    let colored = text(&status(), Paint::new(true));
    assert!(
        colored.starts_with("Cluster dev: \u{1b}[1;33mrunning, not healthy\u{1b}[0m, made by ratectl"),
        "{colored}"
    );
    assert!(!colored.contains("[2J"), "{colored}");
}

#[test]
fn the_closing_sentence_says_what_to_do_or_that_nothing_is() {
    assert!(closing(&status()).contains("uncordon"));
    let mut healthy = Status {
        next: None,
        ..status()
    };
    assert_eq!(closing(&healthy), "Everything is as it should be.");
    healthy.undeployed = vec!["nats".to_owned(), "service".to_owned()];
    assert_eq!(
        closing(&healthy),
        "What is deployed runs; not deployed: `ratectl deploy nats service`."
    );
    healthy.deployed.clear();
    assert_eq!(
        closing(&healthy),
        "Nothing of the project is deployed: `ratectl deploy all` does it."
    );
}
