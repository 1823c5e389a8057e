//! Objects on their way into a real cluster: what is written, what is not, and what is known afterwards.

mod stage;

use std::time::{Duration, Instant};

use e2e::eventually;
use platform::apply::{Error, Options, Problem, Removal, Verdict};
use serde_json::{Value, json};

use stage::{Stage, config_map, deployment, job, labels_gone, verdicts};

/// Sixty objects of the kinds that a system has.
fn sixty() -> Vec<Value> {
    let mut objects = Vec::new();
    for number in 0..20 {
        objects.push(config_map(&format!("config-{number}"), "1"));
        objects.push(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": format!("service-{number}")},
            "spec": {"selector": {"app": "a"}, "ports": [{"port": 80}]},
        }));
    }
    for number in 0..10 {
        objects.push(deployment(&format!("deployment-{number}"), "1"));
        objects.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": format!("role-{number}")},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        }));
    }
    objects
}

#[test]
fn what_is_as_wanted_is_not_written() {
    let stage = Stage::new("apply-unchanged");
    let began = Instant::now();
    let first = stage.apply(sixty());
    println!("60 objects, first: {} ms", began.elapsed().as_millis());
    assert_eq!(verdicts(&first), [(Verdict::Created, 61)], "with the namespace");
    let before = stage.versions();
    let began = Instant::now();
    let second = stage.apply(sixty());
    println!("60 objects, unchanged: {} ms", began.elapsed().as_millis());
    assert_eq!(verdicts(&second), [(Verdict::Unchanged, 60)]);
    assert_eq!(stage.versions(), before);
    assert!(before.iter().any(|line| line.contains("ratectl-")), "{before:?}");
}

#[test]
fn a_dry_run_says_what_would_be_and_does_nothing() {
    let stage = Stage::new("apply-dry-run");
    let dry = Options {
        dry_run: true,
        ..stage.options()
    };
    let applied = stage.apply_with(dry.clone(), sixty()).unwrap();
    assert_eq!(verdicts(&applied), [(Verdict::Created, 61)]);
    stage
        .bed
        .kubectl(&["get", "namespace", &stage.namespace])
        .ended_with(1);
    stage.apply(vec![config_map("a", "1"), config_map("b", "1")]);
    let before = stage.versions();
    let wanted = vec![config_map("a", "2"), config_map("b", "1")];
    let applied = stage.apply_with(dry, wanted.clone()).unwrap();
    assert_eq!(
        verdicts(&applied),
        [(Verdict::Configured, 1), (Verdict::Unchanged, 1)]
    );
    let differences = stage.differences(wanted);
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].live.as_ref().unwrap()["data"]["a"], "1");
    assert_eq!(differences[0].wanted.as_ref().unwrap()["data"]["a"], "2");
    assert_eq!(stage.versions(), before);
}

#[test]
fn a_field_of_somebody_else_is_told_and_taken_only_by_force() {
    let stage = Stage::new("apply-conflict");
    stage.apply(vec![config_map("a", "1")]);
    let patch = r#"{"data":{"a":"theirs","extra":"theirs"}}"#;
    let arguments = [
        "-n",
        &stage.namespace,
        "patch",
        "configmap",
        "a",
        "--field-manager=kubectl-edit",
        "-p",
        patch,
    ];
    stage.bed.kubectl(&arguments).succeeded();
    let before = stage.versions();
    let objects = || vec![config_map("a", "2"), config_map("new", "1")];
    let Err(Error::Refused {
        failures, applied, ..
    }) = stage.apply_with(stage.options(), objects())
    else {
        panic!("a conflict is refused")
    };
    let Problem::Conflict { fields } = &failures[0].problem else {
        panic!("{failures:?}")
    };
    assert_eq!(fields[0].to_string(), "data.a belongs to kubectl-edit");
    assert!(failures[0].next.as_ref().unwrap().contains("--force-conflicts"));
    assert!(applied.is_empty());
    assert_eq!(
        stage.versions(),
        before,
        "nothing is sent when something is refused from the start"
    );

    let mut options = stage.options();
    options.force_conflicts = true;
    stage.apply_with(options.clone(), objects()).unwrap();
    let data = |stage: &Stage| stage.get("configmap", "a")["data"].clone();
    assert_eq!(data(&stage), json!({"a": "2", "extra": "theirs"}));
    options.take_over = true;
    stage.apply_with(options, objects()).unwrap();
    assert_eq!(data(&stage), json!({"a": "2"}));
}

#[test]
fn a_definition_and_its_first_object_come_in_one_go() {
    let stage = Stage::new("apply-definition");
    let group = format!("{}.example.dev", stage.namespace);
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("things.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things", "singular": "thing"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {"type": "object", "properties": {
                    "size": {"type": "integer", "maximum": 5},
                }}},
            }}}],
        },
    });
    let thing = |size: u8| {
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": {"name": "a"}, "spec": {"size": size},
        })
    };
    let Err(Error::Refused { failures, .. }) = stage.apply_with(stage.options(), vec![thing(3)]) else {
        panic!("an unknown kind is refused")
    };
    assert!(
        matches!(failures[0].problem, Problem::UnknownKind { .. }),
        "{failures:?}"
    );
    stage
        .bed
        .kubectl(&["get", "namespace", &stage.namespace])
        .ended_with(1);

    let applied = stage.apply(vec![thing(3), definition.clone()]);
    assert_eq!(verdicts(&applied), [(Verdict::Created, 3)]);
    let Err(Error::Refused { failures, .. }) = stage.apply_with(stage.options(), vec![definition, thing(9)])
    else {
        panic!("what the definition forbids is refused")
    };
    assert_eq!(failures[0].to_string().lines().count(), 1, "{failures:?}");
    assert!(
        failures[0].problem.to_string().contains("spec.size"),
        "{failures:?}"
    );
    let removed = stage.undeploy(Removal::default());
    assert!(removed.kept.is_empty(), "{removed:?}");
    assert!(labels_gone(&stage));
}

#[test]
fn a_job_is_run_again_only_when_it_has_changed() {
    let stage = Stage::new("apply-job");
    let uid = |stage: &Stage| stage.get("job", "once")["metadata"]["uid"].clone();
    stage.apply(vec![job("once", "true")]);
    let first = uid(&stage);
    assert_eq!(
        verdicts(&stage.apply(vec![job("once", "true")])),
        [(Verdict::Unchanged, 1)]
    );
    assert_eq!(uid(&stage), first);
    let applied = stage.apply(vec![job("once", "exit 0")]);
    assert_eq!(verdicts(&applied), [(Verdict::Recreated, 1)]);
    assert_ne!(uid(&stage), first);
    eventually("the job to succeed", || {
        (stage.get("job", "once")["status"]["succeeded"] == 1).then_some(())
    });
    stage.settle(&applied);
    // As its time to live does.
    stage
        .bed
        .kubectl(&["-n", &stage.namespace, "delete", "job", "once"])
        .succeeded();
    assert_eq!(
        verdicts(&stage.apply(vec![job("once", "exit 0")])),
        [(Verdict::Unchanged, 1)]
    );
    assert_eq!(
        verdicts(&stage.apply(vec![job("once", "true")])),
        [(Verdict::Created, 1)]
    );
}

#[test]
fn what_cannot_be_changed_is_named_and_made_anew_when_asked() {
    let stage = Stage::new("apply-immutable");
    stage.apply(vec![deployment("a", "1")]);
    let Err(Error::Refused { failures, .. }) = stage.apply_with(stage.options(), vec![deployment("a", "2")])
    else {
        panic!("a selector cannot be changed")
    };
    assert!(
        failures[0].problem.to_string().contains("spec.selector"),
        "{failures:?}"
    );
    assert!(
        failures[0].next.as_ref().unwrap().contains("--recreate"),
        "{failures:?}"
    );
    let options = Options {
        recreate: true,
        ..stage.options()
    };
    let applied = stage.apply_with(options, vec![deployment("a", "2")]).unwrap();
    assert_eq!(verdicts(&applied), [(Verdict::Recreated, 1)]);
}

#[test]
fn pruning_takes_what_it_says_and_nothing_else() {
    let stage = Stage::new("apply-prune");
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    });
    let all = ["keep", "go", "anew"].map(|name| config_map(name, "1"));
    stage.apply([all.to_vec(), vec![claim]].concat());
    let left = stage.apply(vec![config_map("keep", "1")]);
    assert_eq!(left.prunable.len(), 3);
    for arguments in [["delete", "configmap"], ["create", "configmap"]] {
        stage
            .bed
            .kubectl(&[&["-n", stage.namespace.as_str()], &arguments[..], &["anew"]].concat())
            .succeeded();
    }
    let preview = stage.prune(Removal {
        preview: true,
        ..Removal::default()
    });
    stage.get("configmap", "go");
    let done = stage.prune(Removal::default());
    assert_eq!(done, preview);
    let removed: Vec<&str> = done.removed.iter().map(|id| id.name.as_str()).collect();
    assert_eq!(removed, ["go"]);
    let mut kept: Vec<&str> = done.kept.iter().map(|kept| kept.id.name.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["anew", "data"]);
    stage.get("configmap", "keep");
    stage.get("configmap", "anew");
    stage.get("persistentvolumeclaim", "data");
    let gone = ["-n", &stage.namespace, "get", "configmap", "go"];
    stage.bed.kubectl(&gone).ended_with(1);
}

#[test]
fn an_undeployed_component_leaves_nothing() {
    let stage = Stage::new("apply-undeploy");
    stage.apply(sixty());
    let before = stage.versions();
    let preview = stage.undeploy(Removal {
        preview: true,
        ..Removal::default()
    });
    assert_eq!(stage.versions(), before);
    let removed = stage.undeploy(Removal::default());
    assert_eq!(removed.removed.len(), 61, "{removed:?}");
    assert_eq!(preview.removed.len(), 61, "{preview:?}");
    assert!(labels_gone(&stage));
    stage
        .bed
        .kubectl(&["get", "namespace", &stage.namespace])
        .ended_with(1);
}

#[test]
fn an_earlier_revision_can_be_applied_again() {
    let stage = Stage::new("apply-rollback");
    let secret = |text: &str| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": text},
        })
    };
    stage.apply(vec![
        config_map("a", "1"),
        config_map("b", "1"),
        secret("hunter2"),
    ]);
    stage.apply(vec![config_map("a", "2"), secret("hunter3")]);
    let back = stage.rollback(None);
    assert_eq!((back.to, back.applied.revision), (1, Some(3)));
    assert_eq!(back.untouched_secrets.len(), 1);
    assert!(back.applied.prunable.is_empty(), "{back:?}");
    assert_eq!(stage.get("configmap", "a")["data"]["a"], "1");
    // In base64, as the server keeps it: the second one.
    assert_eq!(stage.get("secret", "s")["data"]["a"], "aHVudGVyMw==");
    let inventory = stage.get("configmap", &stage.inventory()).to_string();
    assert!(!inventory.contains("hunter"));
}

#[test]
fn an_inventory_that_somebody_has_changed_is_told() {
    let stage = Stage::new("apply-tampered");
    stage.apply(vec![config_map("a", "1")]);
    let patch = r#"{"data":{"inventory":"{}"}}"#;
    let arguments = [
        "-n",
        &stage.namespace,
        "patch",
        "configmap",
        &stage.inventory(),
        "-p",
        patch,
    ];
    stage.bed.kubectl(&arguments).succeeded();
    let before = stage.versions();
    let error = stage
        .apply_with(stage.options(), vec![config_map("a", "2")])
        .unwrap_err();
    assert!(error.to_string().contains("changed it by hand"), "{error}");
    assert_eq!(stage.versions(), before);
}

#[test]
fn a_run_that_ends_at_any_moment_leaves_nothing_unknown() {
    let stage = Stage::new("apply-killed");
    let mut objects = sixty();
    objects.push(job("once", "true"));
    // From before the first request to after the last; a seed would say no more than the moments do.
    for moment in [0, 5, 15, 30, 50, 80, 120, 170, 230, 300, 400] {
        stage.killed_after(objects.clone(), Duration::from_millis(moment));
        let applied = stage.apply(objects.clone());
        assert!(applied.prunable.is_empty(), "after {moment} ms: {applied:?}");
        stage.killed_after(vec![config_map("config-0", "2")], Duration::from_millis(moment));
        let unknown = stage.not_in_the_inventory();
        assert!(unknown.is_empty(), "after {moment} ms: {unknown:?}");
        stage.undeploy(Removal::default());
        assert!(labels_gone(&stage), "after {moment} ms");
    }
}
