//! What every pod of ours keeps to.

use std::collections::BTreeSet;

use platform::manifest::Object;
use serde_json::{Value, json};

use super::rendered;

/// What is wrong with a workload's pods.
fn faults(workload: &Object) -> Vec<String> {
    let pod = &workload.value()["spec"]["template"]["spec"];
    let mut faults = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{}: {what}", workload.id()));
        }
    };
    demand(
        pod["enableServiceLinks"] == false,
        "services become variables".to_owned(),
    );
    demand(
        pod["automountServiceAccountToken"] == false || pod["serviceAccountName"].is_string(),
        "it has the token of the default account".to_owned(),
    );
    let security = &pod["securityContext"];
    demand(
        security["runAsNonRoot"] == true && security["runAsUser"].is_u64(),
        "it may be root".to_owned(),
    );
    demand(
        security["seccompProfile"]["type"] == "RuntimeDefault",
        "it may make any system call".to_owned(),
    );
    demand(
        pod["terminationGracePeriodSeconds"].is_u64() || workload.name() == "nack",
        "nobody has thought about its end".to_owned(),
    );
    for container in pod["containers"].as_array().unwrap() {
        let name = container["name"].as_str().unwrap();
        for (what, holds) in container_rules(container) {
            demand(holds, format!("container {name} {what}"));
        }
    }
    faults
}

fn container_rules(container: &Value) -> [(&'static str, bool); 8] {
    let image = container["image"].as_str().unwrap();
    let is_ours = image.starts_with("localhost:5000/");
    let tagged = |image: &str| {
        let (_, tag) = image.rsplit_once(':').unwrap_or_default();
        !tag.is_empty() && tag != "latest" && tag.starts_with(|c: char| c == 'v' || c.is_ascii_digit())
    };
    let security = &container["securityContext"];
    let probes = ["startupProbe", "readinessProbe", "livenessProbe"];
    [
        ("has an image that may change", is_ours || tagged(image)),
        (
            "can write its own files",
            security["readOnlyRootFilesystem"] == true,
        ),
        ("may gain rights", security["allowPrivilegeEscalation"] == false),
        (
            "has capabilities",
            security["capabilities"]["drop"] == json!(["ALL"]),
        ),
        (
            "asks for no processor time",
            container["resources"]["requests"]["cpu"].is_string(),
        ),
        (
            "asks for no memory",
            container["resources"]["requests"]["memory"].is_string(),
        ),
        (
            "may take all memory",
            container["resources"]["limits"]["memory"].is_string(),
        ),
        (
            "lacks a probe",
            probes.iter().all(|probe| container[probe].is_object()),
        ),
    ]
}

#[tokio::test]
async fn no_pod_has_more_rights_than_it_needs_and_each_says_what_it_takes() {
    let mut all = BTreeSet::new();
    let mut judged = 0;
    for rendered in rendered().await {
        let workloads = rendered
            .objects
            .iter()
            .filter(|object| object.value()["spec"]["template"]["spec"]["containers"].is_array());
        for workload in workloads {
            judged += 1;
            all.extend(faults(workload));
        }
    }
    assert!(judged >= 50, "{judged}");
    assert_eq!(all, BTreeSet::new());
}

#[tokio::test]
async fn every_workload_of_which_there_can_be_several_may_lose_one_at_a_time() {
    for rendered in rendered().await {
        for workload in &rendered.objects {
            let several = ["Deployment", "StatefulSet"].contains(&workload.kind());
            // These two exist once.
            if !several || ["nack", "database"].contains(&workload.name()) {
                continue;
            }
            let labels = &workload.value()["spec"]["selector"];
            let budget = rendered.objects.iter().find(|object| {
                object.kind() == "PodDisruptionBudget" && object.value()["spec"]["selector"] == *labels
            });
            let budget = budget.unwrap_or_else(|| panic!("{} has no budget", workload.id()));
            assert_eq!(budget.value()["spec"]["maxUnavailable"], 1);
        }
    }
}

#[tokio::test]
async fn every_pod_is_named_by_a_network_policy() {
    for rendered in rendered().await {
        for workload in &rendered.objects {
            let labels = &workload.value()["spec"]["template"]["metadata"]["labels"];
            if !labels.is_object() {
                continue;
            }
            let named = rendered.objects.iter().any(|object| {
                object.kind() == "NetworkPolicy"
                    && object.value()["spec"]["podSelector"]["matchLabels"] == *labels
            });
            assert!(named, "{} [{}]", workload.id(), rendered.overlays);
        }
    }
}

#[tokio::test]
async fn no_role_of_ours_may_do_everything_and_secrets_are_for_the_gateway_alone() {
    for rendered in rendered().await {
        for role in &rendered.objects {
            for rule in role.value()["rules"].as_array().into_iter().flatten() {
                let text = rule.to_string();
                assert!(!text.contains("\"*\""), "{}: {text}", role.id());
                assert!(
                    !text.contains("\"secrets\"") || role.name() == "rating-traefik-routes",
                    "{}: {text}",
                    role.id()
                );
            }
        }
    }
}

#[tokio::test]
async fn production_brings_no_secret_of_its_own() {
    let mut kept = Vec::new();
    for rendered in rendered().await {
        let production = rendered.overlays.split(',').any(|overlay| overlay == "prod");
        let secrets = rendered.objects.iter().filter(|object| object.kind() == "Secret");
        kept.extend(
            secrets
                .filter(|_| production)
                .map(|secret| secret.id().to_string()),
        );
    }
    assert_eq!(kept, [""; 0]);
}
