//! Rollouts that go wrong for real: what `ratectl deploy` says is the matter, and how it ends.

use e2e::{Bed, Run};
use serde_json::{Value, json};

/// Every node has it.
const BUSYBOX: &str = "docker.io/library/busybox:1.36.1";
const APPLY: i32 = 6;
const ROLLOUT: i32 = 7;

/// What goes wrong with one component.
struct Trouble {
    component: &'static str,
    namespace: &'static str,
    /// What its pods are, on top of one container `app` that sleeps.
    container: Value,
    /// For programs.
    kind: &'static str,
    /// What the cause must name.
    named: &'static [&'static str],
}

fn trouble(
    component: &'static str,
    container: Value,
    kind: &'static str,
    named: &'static [&'static str],
) -> Trouble {
    Trouble {
        component,
        namespace: "troubles",
        container,
        kind,
        named,
    }
}

fn shell(script: &str) -> Value {
    json!(["sh", "-c", script])
}

fn troubles(registry: u16) -> Vec<Trouble> {
    let missing = json!([{"name": "URL", "valueFrom": {"secretKeyRef": {"name": "half", "key": "url"}}}]);
    let probe = json!({"exec": {"command": shell("echo no database yet; exit 1")}, "periodSeconds": 1});
    // What ends at once is not taken for ready before.
    let later = json!({"exec": {"command": ["true"]}, "initialDelaySeconds": 10});
    vec![
        trouble(
            "image",
            json!({"image": format!("localhost:{registry}/nothing:1")}),
            "image-not-found",
            &["/nothing:1"],
        ),
        trouble(
            "crash",
            json!({"command": shell("echo cannot open database; exit 3"), "readinessProbe": later}),
            "crash",
            &["container app", "exit code 3"],
        ),
        trouble(
            "memory",
            json!({
                "command": shell("dd if=/dev/zero of=/dev/null bs=200M count=5"),
                // Nobody asks it whether it is ready: it is available whenever it starts.
                "resources": {"limits": {"memory": "20Mi"}},
            }),
            "out-of-memory",
            &["container app", "20Mi"],
        ),
        trouble(
            "secret",
            json!({"env": missing}),
            "missing-config",
            &["half", "url"],
        ),
        trouble(
            "processor",
            json!({"resources": {"requests": {"cpu": "500"}}}),
            "unschedulable",
            &["Insufficient cpu"],
        ),
        Trouble {
            namespace: "full",
            ..trouble("quota", json!({}), "quota", &["exceeded quota: few"])
        },
        Trouble {
            namespace: "strict",
            ..trouble("privileged", json!({}), "admission", &["restricted"])
        },
        trouble(
            "probe",
            json!({"readinessProbe": probe}),
            "probe",
            &["container app", "readiness probe", "no database yet"],
        ),
    ]
}

fn deployment(trouble: &Trouble) -> Value {
    let name = trouble.component;
    let mut container = json!({"name": "app", "image": BUSYBOX, "command": ["sleep", "3600"]});
    for (key, value) in trouble.container.as_object().into_iter().flatten() {
        container[key] = value.clone();
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            // What is never ready is given up after this time.
            "progressDeadlineSeconds": 15,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    })
}

/// Namespaces, a quota of no pods, and a Secret that lacks a key.
fn ground() -> Value {
    let namespace = |name: &str, labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
    let items = [
        namespace("troubles", json!({})),
        namespace("full", json!({})),
        namespace(
            "strict",
            json!({"pod-security.kubernetes.io/enforce": "restricted"}),
        ),
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": "full"},
            "spec": {"hard": {"pods": "0"}}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "half", "namespace": "troubles"},
            "stringData": {"user": "rating"}}),
    ];
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

fn write(bed: &Bed, troubles: &[Trouble]) {
    let mut components = json!({
        "ground": {"manifests": "ground"},
        "bare": {"manifests": "bare", "namespace": "strict", "needs": ["ground"]},
    });
    bed.write("ground/all.yaml", &ground().to_string());
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": {
        "containers": [{"name": "app", "image": BUSYBOX, "securityContext": {"privileged": true}}]}});
    bed.write("bare/pod.yaml", &pod.to_string());
    for trouble in troubles {
        let Trouble {
            component, namespace, ..
        } = trouble;
        components[component] = json!({"manifests": component, "namespace": namespace, "needs": ["ground"]});
        bed.write(
            &format!("{component}/deployment.yaml"),
            &deployment(trouble).to_string(),
        );
    }
    let document = json!({
        "name": "troubles",
        "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}, "install": []},
        "components": components,
    });
    bed.write("ratectl.yaml", &document.to_string());
}

/// The one value that tells of the error.
fn error(run: &Run) -> Value {
    let found = run.events().into_iter().find(|event| event["type"] == "error");
    found.unwrap_or_else(|| panic!("no error\n{run}"))
}

#[test]
fn what_is_wrong_with_a_rollout_is_named() {
    let bed = Bed::new("diagnosis");
    let troubles = troubles(bed.registry_port());
    write(&bed, &troubles);
    bed.ratectl(&["create-cluster"]).succeeded();
    bed.ratectl(&["deploy", "ground"]).succeeded();
    // Until then a quota holds for nobody.
    let counted = [
        "wait",
        "-n",
        "full",
        "quota/few",
        "--for=jsonpath={.status.hard.pods}=0",
    ];
    bed.kubectl(&[&counted[..], &["--timeout=2m"]].concat())
        .succeeded();

    let names = troubles.iter().map(|trouble| trouble.component);
    let words: Vec<&str> = ["-o", "json", "deploy"].into_iter().chain(names).collect();
    let run = bed.ratectl(&words).ended_with(ROLLOUT);
    let told = error(&run);
    let diagnoses = told["diagnoses"].as_array().cloned().unwrap_or_default();
    assert_eq!(diagnoses.len(), troubles.len(), "{told:#}");
    for trouble in &troubles {
        let subject = format!("Deployment {}/{}", trouble.namespace, trouble.component);
        let found = diagnoses
            .iter()
            .find(|diagnosis| diagnosis["subject"] == *subject);
        let found = found.unwrap_or_else(|| panic!("nothing about {subject}\n{run}"));
        assert_eq!(found["kind"], trouble.kind, "{found:#}");
        let cause = found["cause"].as_str().unwrap_or_default();
        for word in trouble.named {
            assert!(cause.contains(word), "{word}: {found:#}");
        }
    }
    let crash = diagnoses.iter().find(|diagnosis| diagnosis["kind"] == "crash");
    let crash = crash.map(Value::to_string).unwrap_or_default();
    assert!(crash.contains("cannot open database"), "{crash}");

    let refused = bed.ratectl(&["deploy", "bare"]).ended_with(APPLY);
    assert!(refused.stderr.contains("Pod strict/bare"), "{refused}");
    assert!(refused.stderr.contains("privileged"), "{refused}");
}
