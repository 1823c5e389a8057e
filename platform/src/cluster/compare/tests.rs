use serde_json::json;

use super::*;

fn told(is: &Value, wanted: &Value) -> Vec<String> {
    specs(is, wanted).iter().map(Difference::to_string).collect()
}

#[test]
fn equal_specs_do_not_differ_however_unset_is_written() {
    let is = json!({"servers": 1, "network": null, "ports": []});
    assert!(told(&is, &json!({"servers": 1})).is_empty());
}

#[test]
fn every_field_that_differs_is_told_by_its_path() {
    let is = json!({"agents": 0, "api": {"host": "127.0.0.1", "port": 6550}, "image": "a"});
    let wanted = json!({"agents": 2, "api": {"host": "127.0.0.1"}, "image": "a"});
    assert_eq!(
        told(&is, &wanted),
        ["agents is 0, wanted 2", "api.port is 6550, wanted not set"]
    );
}

#[test]
fn a_group_that_only_one_side_has_is_told_as_one() {
    let is = json!({"registry": {"name": "r", "port": 5000}});
    assert_eq!(
        told(&is, &json!({})),
        ["registry is name r, port 5000, wanted not set"]
    );
    assert_eq!(
        told(&json!({}), &is),
        ["registry is not set, wanted name r, port 5000"]
    );
}

#[test]
fn lists_are_told_as_a_whole() {
    let is = json!({"env": [{"variable": "A=1", "nodes": "all"}]});
    assert_eq!(
        told(&is, &json!({})),
        ["env is nodes all variable A=1, wanted not set"]
    );
}

#[test]
fn an_image_is_the_same_with_and_without_the_registry_that_is_meant_anyway() {
    assert_eq!(familiar("docker.io/rancher/k3s:v1"), "rancher/k3s:v1");
    assert_eq!(familiar("docker.io/library/registry:3"), "registry:3");
    assert_eq!(familiar("ghcr.io/rancher/k3s:v1"), "ghcr.io/rancher/k3s:v1");
}
