//! Two clusters of one project: work on one profile never reaches the other one's cluster, however it is led astray. What each API
//! server was asked is in its audit log.

mod clusters;
mod ways;

use e2e::Bed;
use serde_json::json;

use crate::audit::{Asked, audited};
use crate::lifecycle::kubeconfig;
use clusters::name;
use ways::{Way, Ways};

const REFUSED: i32 = 9;
/// What finds out which cluster it is.
const QUESTIONS: [&str; 2] = [
    "/api/v1/namespaces/kube-system",
    "/api/v1/namespaces/kube-public/configmaps/local-registry-hosting",
];
/// What would change something, with the component, bundle or nothing that it takes.
const CHANGING: [&[&str]; 7] = [
    &["deploy", "web"],
    &["undeploy", "web"],
    &["restart", "web"],
    &["rollback", "web"],
    &["streams", "apply"],
    &["bundle", "load", "door.tar"],
    &["bundle", "create", "web.tar", "web"],
];
/// What only looks, or opens a way in.
const LOOKING: [&[&str]; 3] = [
    &["logs", "web"],
    &["port-forward", "web", ":80"],
    &["diff", "web"],
];

/// What `bed`, which holds everything but the other cluster, has as its project file.
fn project(bed: &Bed, other: &Bed, server: &str) -> serde_json::Value {
    json!({
        "name": "astray",
        "cluster": {
            "name": bed.cluster(),
            "registry": {"port": bed.registry_port()},
            "mirrors": {"images.example": "registry"},
            "install": [],
        },
        "streams": {"folder": "manifests/streams", "managedBy": "ratectl", "server": "web"},
        "profiles": {
            "dev": {},
            "prod": {
                "context": name(other),
                "server": server,
                "registry": format!("localhost:{}", other.registry_port()),
                "protected": true,
            },
        },
        "components": {
            "web": {"manifests": "manifests/web", "namespace": "default"},
            "door": {"manifests": "manifests/door", "namespace": "default"},
            "streams": {"manifests": "manifests/streams", "namespace": "default", "needs": ["web"]},
        },
    })
}

fn manifests(bed: &Bed) {
    let container = json!({
        "name": "web", "image": "docker.io/library/busybox:1.36.1", "command": ["sleep", "3600"],
        "ports": [{"name": "http", "containerPort": 80}],
    });
    let web = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    });
    bed.write("manifests/web/web.yaml", &web.to_string());
    let door = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "door"},
        "spec": {"containers": [{"name": "door", "image": "images.example/visitor:1"}]},
    });
    bed.write("manifests/door/door.yaml", &door.to_string());
    let stream = json!({
        "apiVersion": "jetstream.nats.io/v1beta2", "kind": "Stream", "metadata": {"name": "things"},
        "spec": {"name": "THINGS", "subjects": ["things.>"]},
    });
    bed.write("manifests/streams/things.yaml", &stream.to_string());
}

/// Runs every verb that this way concerns; each is refused, and nobody is asked for more than who they are.
fn goes(bed: &Bed, clusters: [&Bed; 2], ways: &Ways<'_>, way: &Way) {
    ways.prepare(way);
    let before = clusters.map(audited);
    let stores = clusters.map(clusters::images);
    let looking = LOOKING.iter().filter(|_| !way.may_look);
    for verb in CHANGING.iter().chain(looking) {
        let words = [verb, way.words.as_slice()].concat();
        let mut command = bed.ratectl_command(&words);
        command.envs(way.variables.iter().cloned());
        let run = bed.run(command);
        assert!(run.code == REFUSED, "{}: {run}", way.name);
    }
    for (cluster, before) in clusters.iter().zip(before) {
        let new = audited(cluster).split_off(before.len());
        let harmless = |asked: &Asked| asked.verb == "get" && QUESTIONS.contains(&asked.uri.as_str());
        assert!(new.iter().all(harmless), "{}: {new:?}", way.name);
    }
    assert_eq!(clusters.map(clusters::images), stores, "{}", way.name);
    ways.undo(way);
}

/// What `run` has written into a cluster.
fn written(cluster: &Bed, run: impl FnOnce()) -> usize {
    let before = audited(cluster).len();
    run();
    let new = audited(cluster).split_off(before);
    new.iter().filter(|asked| asked.writes()).count()
}

#[test]
fn work_on_one_profile_never_reaches_the_cluster_of_the_other() {
    let (bed, far) = (Bed::new("astray"), Bed::new("astray-far"));
    let both = [&bed, &far];
    clusters::create(both, &bed);
    let server = clusters::server(&kubeconfig(&bed), &name(&far));
    manifests(&bed);
    let project = project(&bed, &far, &server);
    bed.write("ratectl.yaml", &project.to_string());

    // What is measured: a deployment is seen in the audit log of its cluster, and in no other's, whichever context is current.
    let switch = ["config", "use-context", &name(&far)];
    bed.run(bed.command("kubectl", &switch)).succeeded();
    let deploy = |words: &[&str]| {
        let words = [&["deploy", "web"], words].concat();
        bed.ratectl(&words).succeeded();
    };
    assert_eq!(written(&far, || assert!(written(&bed, || deploy(&[])) > 1)), 0);
    let prod = ["--profile=prod", "--confirm=prod"];
    assert_eq!(written(&bed, || assert!(written(&far, || deploy(&prod)) > 1)), 0);
    e2e::visitor::push(bed.registry_port());
    bed.ratectl(&["bundle", "create", "door.tar", "door"]).succeeded();

    let ways = Ways::new(&bed, &far, project);
    for way in ways.all() {
        goes(&bed, both, &ways, &way);
    }
    // Another cluster under the same name, at the same address.
    clusters::recreate(&far, &bed, &server);
    let anew = Ways::new(&bed, &far, ways.project());
    goes(&bed, both, &anew, &Way::to_prod("the cluster was made anew"));
}
