//! Rollouts that go wrong for real: what `ratectl deploy` says is the matter, and how it ends.

mod reports;

use std::thread;
use std::time::Instant;

use e2e::{Bed, Run};
use serde_json::{Value, json};

use reports::Reports;

/// Every node has it.
const BUSYBOX: &str = "docker.io/library/busybox:1.36.1";
/// On the node itself, where nothing else is: a registry that wants a password.
const DOOR: u16 = 5999;
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
    /// The warning with which Kubernetes reports it, and how often it must have come for waiting to be of no use.
    reported: (&'static str, usize),
}

fn trouble(
    component: &'static str,
    container: Value,
    kind: &'static str,
    named: &'static [&'static str],
    report: &'static str,
) -> Trouble {
    Trouble {
        component,
        namespace: "troubles",
        container,
        kind,
        named,
        reported: (report, 1),
    }
}

fn shell(script: &str) -> Value {
    json!(["sh", "-c", script])
}

fn images(registry: u16) -> [Trouble; 3] {
    [
        trouble(
            "refused",
            json!({"image": format!("localhost:{DOOR}/secret:1")}),
            "image-refused",
            &["/secret:1", "401"],
            "Failed to pull image",
        ),
        trouble(
            "image",
            json!({"image": format!("localhost:{registry}/nothing:1")}),
            "image-not-found",
            &["/nothing:1"],
            "Failed to pull image",
        ),
        // A registry may be away for a moment.
        Trouble {
            reported: ("Failed to pull image", 2),
            ..trouble(
                "away",
                json!({"image": "registry.invalid/nothing:1"}),
                "image-pull",
                &["registry.invalid/nothing:1"],
                "",
            )
        },
    ]
}

fn troubles(registry: u16) -> Vec<Trouble> {
    let missing = json!([{"name": "URL", "valueFrom": {"secretKeyRef": {"name": "half", "key": "url"}}}]);
    let probe = json!({"exec": {"command": shell("echo no database yet; exit 1")}, "periodSeconds": 1});
    // What ends at once is not taken for ready before.
    let later = json!({"exec": {"command": ["true"]}, "initialDelaySeconds": 10});
    let mut troubles = vec![
        trouble(
            "crash",
            json!({"command": shell("echo cannot open database; exit 3"), "readinessProbe": later}),
            "crash",
            &["container app", "exit code 3"],
            "Back-off restarting",
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
            "Back-off restarting",
        ),
        trouble(
            "secret",
            json!({"env": missing}),
            "missing-config",
            &["half", "url"],
            "couldn't find key",
        ),
        trouble(
            "processor",
            json!({"resources": {"requests": {"cpu": "500"}}}),
            "unschedulable",
            &["Insufficient cpu"],
            "Insufficient cpu",
        ),
        Trouble {
            namespace: "full",
            ..trouble(
                "quota",
                json!({}),
                "quota",
                &["exceeded quota: few"],
                "exceeded quota",
            )
        },
        Trouble {
            namespace: "strict",
            ..trouble(
                "privileged",
                json!({}),
                "admission",
                &["restricted"],
                "violates PodSecurity",
            )
        },
        trouble(
            "probe",
            json!({"readinessProbe": probe}),
            "probe",
            &["container app", "readiness probe", "no database yet"],
            // It may pass until the Deployment is given up.
            "ProgressDeadlineExceeded",
        ),
    ];
    troubles.extend(images(registry));
    troubles
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
            "progressDeadlineSeconds": if name == "probe" { 10 } else { 60 },
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    })
}

/// What asks everybody for a password that nobody here knows; a node finds it at its own address.
fn door() -> Value {
    let script =
        format!("echo /:reader:secret > /tmp/conf; exec httpd -f -p 127.0.0.1:{DOOR} -c /tmp/conf -h /tmp");
    let closed = format!("wget -O /dev/null http://127.0.0.1:{DOOR}/v2/secret/manifests/1 2>&1 | grep 401");
    let probe = json!({"exec": {"command": shell(&closed)}, "periodSeconds": 1});
    let container = json!({"command": shell(&script), "readinessProbe": probe});
    let mut door = deployment(&trouble("door", container, "", &[], ""));
    door["metadata"]["namespace"] = json!("troubles");
    door["spec"]["template"]["spec"]["hostNetwork"] = json!(true);
    door
}

/// Namespaces, a quota of no pods, a Secret that lacks a key, and a registry behind a password.
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
        door(),
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
    let answers = json!({"exec": {"command": shell("test -e /www")}, "periodSeconds": 1});
    let late = json!({"command": shell("sleep 8; mkdir /www; echo here > /www/index.html; exec httpd -f -h /www"), "readinessProbe": answers});
    let script = "wget -q -O /dev/null http://late/ || exit 1; touch /there; exec sleep 3600";
    let there = json!({"exec": {"command": shell("test -e /there")}, "periodSeconds": 1});
    let worker = json!({"command": shell(script), "readinessProbe": there});
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "late"},
        "spec": {"selector": {"app": "late"}, "ports": [{"port": 80}]}});
    bed.write("late/service.yaml", &service.to_string());
    for (component, container) in [("late", late), ("worker", worker)] {
        components[component] = json!({"manifests": component, "namespace": "troubles", "needs": ["ground"]});
        let mended = trouble(component, container, "", &[], "");
        bed.write(
            &format!("{component}/deployment.yaml"),
            &deployment(&mended).to_string(),
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

fn diagnoses(run: &Run) -> Vec<Value> {
    error(run)["diagnoses"].as_array().cloned().unwrap_or_default()
}

/// Deploys what is in trouble; says how long after Kubernetes' own report it was named.
fn is_named(bed: &Bed, trouble: &Trouble, reports: &Reports) -> String {
    let run = bed
        .ratectl(&["-o", "json", "deploy", trouble.component])
        .ended_with(ROLLOUT);
    let told = Instant::now();
    let found = diagnoses(&run);
    assert_eq!(found.len(), 1, "{run}");
    let found = &found[0];
    let subject = format!("Deployment {}/{}", trouble.namespace, trouble.component);
    assert_eq!(found["subject"], *subject, "{found:#}");
    assert_eq!(found["kind"], trouble.kind, "{found:#}");
    let cause = found["cause"].as_str().unwrap_or_default();
    for word in trouble.named {
        assert!(cause.contains(word), "{word}: {found:#}");
    }
    if trouble.component == "crash" {
        assert!(found.to_string().contains("cannot open database"), "{found:#}");
        assert!(!cause.contains("after 3 restarts"), "{found:#}");
    }
    let (words, times) = trouble.reported;
    let reported = reports.about(trouble.component, words, times);
    let ahead = reported.saturating_duration_since(told);
    let seconds = told.saturating_duration_since(reported).as_secs_f64() - ahead.as_secs_f64();
    format!(
        "{:<10} {:<16} {seconds:>5.1} s after \"{words}\"{}, {:>4.1} s after the command",
        trouble.component,
        trouble.kind,
        if times > 1 { " again" } else { "" },
        run.took.as_secs_f64(),
    )
}

/// A program that ends until something else answers, which takes longer than two of its runs.
fn what_mends_itself_is_waited_for(bed: &Bed) {
    let run = bed.ratectl(&["deploy", "worker", "late"]).succeeded();
    let listing = ["get", "pods", "-n", "troubles", "-l", "app=worker", "-o", "json"];
    let pods = bed.kubectl(&listing).succeeded().json();
    let restarts = &pods["items"][0]["status"]["containerStatuses"][0]["restartCount"];
    assert!(
        restarts.as_u64() > Some(1),
        "it did not have to wait: {pods:#}\n{run}"
    );
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

    let reports = Reports::new(&bed);
    thread::scope(|scope| {
        for trouble in &troubles {
            scope.spawn(|| println!("{}", is_named(&bed, trouble, &reports)));
        }
        scope.spawn(|| what_mends_itself_is_waited_for(&bed));
    });

    // Of several at once each is told.
    let run = bed
        .ratectl(&["-o", "json", "deploy", "quota", "privileged"])
        .ended_with(ROLLOUT);
    assert_eq!(diagnoses(&run).len(), 2, "{run}");

    let refused = bed.ratectl(&["deploy", "bare"]).ended_with(APPLY);
    assert!(refused.stderr.contains("Pod strict/bare"), "{refused}");
    assert!(refused.stderr.contains("privileged"), "{refused}");
}
