//! What nodes are told, and that even a line-wise reader understands it.

use std::collections::BTreeMap;

use super::*;
use crate::cluster::spec::{Draft, Overrides};

fn spec(mirrors: &[(&str, Mirror)]) -> Spec {
    let mut spec = Draft::default().spec(&Overrides::default()).unwrap();
    spec.mirrors = mirrors
        .iter()
        .map(|(host, mirror)| ((*host).to_owned(), mirror.clone()))
        .collect();
    spec
}

fn everything() -> Spec {
    spec(&[
        (
            "*",
            Mirror::Endpoints(vec![
                "http://cache:5000".to_owned(),
                "https://b.example/v2/x".to_owned(),
            ]),
        ),
        (
            "docker.io",
            Mirror::PullThrough("https://registry-1.docker.io".to_owned()),
        ),
        ("quay.io:443", Mirror::Registry),
    ])
}

#[test]
fn the_registry_has_the_names_of_this_machine_and_of_the_network() {
    insta::assert_snapshot!(text(&spec(&[]), Some(5001)));
}

#[test]
fn mirrors_stand_beside_the_registry() {
    insta::assert_snapshot!(text(&everything(), Some(5000)));
}

#[test]
fn without_a_registry_and_mirrors_there_is_nothing() {
    let mut spec = spec(&[]);
    spec.registry = None;
    assert_eq!(text(&spec, None), "mirrors: {}\n");
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mirrors: BTreeMap<String, Entry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    endpoint: Vec<String>,
}

#[test]
fn a_reader_of_yaml_and_one_of_lines_understand_the_same() {
    let text = text(&everything(), Some(5001));
    let file: File = serde_saphyr::from_str(&text).unwrap();
    let of_yaml: Vec<(String, String)> = file
        .mirrors
        .into_iter()
        .flat_map(|(host, entry)| entry.endpoint.into_iter().map(move |url| (host.clone(), url)))
        .collect();
    let mut of_lines = Vec::new();
    let mut host = "";
    for line in text.lines().skip(1) {
        let bare = line.trim().trim_start_matches("- ");
        match (line.len() - line.trim_start().len(), bare.strip_suffix(':')) {
            (2, Some(key)) => host = key.trim_matches('"'),
            (4, Some(key)) => assert_eq!(key, "endpoint"),
            _ => of_lines.push((host.to_owned(), bare.trim_matches('"').to_owned())),
        }
    }
    assert_eq!(of_lines, of_yaml);
    assert_eq!(of_lines.len(), 8);
}
