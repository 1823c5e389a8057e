//! The schema of project files, and the pages made from it.

use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use platform::project::{self, Project};
use serde_json::Value;
use test_case::test_case;

fn validator() -> Validator {
    jsonschema::validator_for(&project::schema()).unwrap()
}

/// As an editor would: the document alone, without the rest of the world.
fn fits(text: &str) -> bool {
    let document: Value = serde_saphyr::from_str(text).unwrap();
    validator().is_valid(&document)
}

fn loads(text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(project::FILE);
    fs::write(&file, text).unwrap();
    Project::load(&file).is_ok()
}

fn repository() -> PathBuf {
    testbed::repository()
}

#[test]
fn the_shipped_schema_is_that_of_the_types() {
    let shipped = fs::read_to_string(repository().join("docs/ratectl.schema.json")).unwrap();
    assert!(
        shipped == project::schema_text(),
        "docs/ratectl.schema.json is stale: cargo run -p cli -- config schema > docs/ratectl.schema.json"
    );
}

#[test]
fn the_shipped_reference_is_that_of_the_schema() {
    let shipped = fs::read_to_string(repository().join("docs/RATECTL-YAML.md")).unwrap();
    assert!(
        shipped == project::reference(),
        "docs/RATECTL-YAML.md is stale: cargo run -p cli -- config schema --reference > docs/RATECTL-YAML.md"
    );
}

#[test]
fn every_project_of_this_repository_fits_the_schema() {
    let mut files = vec![repository().join(project::FILE)];
    let examples = fs::read_dir(repository().join("examples"));
    let examples = examples.into_iter().flatten().flatten();
    files.extend(
        examples
            .map(|entry| entry.path().join(project::FILE))
            .filter(|file| file.is_file()),
    );
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let document: Value = serde_saphyr::from_str(&text).unwrap();
        let complaints: Vec<String> = validator()
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(complaints.is_empty(), "{}: {complaints:#?}", file.display());
        Project::load(&file).unwrap();
        let line = text.lines().next().unwrap_or_default();
        assert!(
            line.starts_with("# yaml-language-server: $schema="),
            "{}: {line}",
            file.display()
        );
    }
}

#[test]
fn the_example_of_the_reference_is_a_project() {
    assert!(fits(project::EXAMPLE));
    assert!(loads(project::EXAMPLE));
}

#[test_case("streasm: x"; "a misspelt key")]
#[test_case("name: [x]"; "a list for a name")]
#[test_case("streams: 5"; "a number of streams")]
#[test_case("streams: {managedBy: nak}"; "another maker of streams")]
#[test_case("gateway: {class: A/B}"; "a class that is no name")]
#[test_case("dev: {port: 70000}"; "a port that is none")]
#[test_case("cluster: {agents: two}"; "a word for a number")]
#[test_case("cluster: {registry: 5000}"; "a port for a registry")]
#[test_case("cluster: {mirrors: {docker.io: cache}}"; "a mirror that is none")]
#[test_case("cluster: {mirrors: {docker.io: {pullThrough: 'https://x', endpoint: 'https://y'}}}"; "two mirrors in one")]
#[test_case("cluster: {install: nats}"; "one text for a list")]
#[test_case("profiles: [dev]"; "a list of profiles")]
#[test_case("profiles: {Dev: {}}"; "an upper-case profile")]
#[test_case("profiles: {p: {server: 'h:6443'}}"; "a server without a scheme")]
#[test_case("profiles: {p: {server: 'https://u:p@h'}}"; "a password in a server")]
#[test_case("profiles: {p: {uid: abc}}"; "a short UID")]
#[test_case("profiles: {p: {registry: 'https://h'}}"; "a registry with a scheme")]
#[test_case("profiles: {p: {overlays: [../x]}}"; "an overlay elsewhere")]
#[test_case("profiles: {p: {protected: often}}"; "a word for a switch")]
#[test_case("profiles: {p: {cargoprofile: x}}"; "a key in another case")]
#[test_case("components: {all: {}}"; "a component called all")]
#[test_case("components: {A_b: {}}"; "a component that is no name")]
#[test_case("components: {a: {manifest: x}}"; "a misspelt key of a component")]
#[test_case("components: {a: {wait: 5}}"; "a time without unit")]
#[test_case("components: {a: {wait: soon}}"; "a word for a time")]
#[test_case("components: {a: {namespace: X}}"; "an upper-case namespace")]
#[test_case("components: {a: {needs: b}}"; "one need without a list")]
#[test_case("components: {a: {downloads: [{url: 'https://h/x'}]}}"; "a download without checksum")]
#[test_case("components: {a: {downloads: [{url: 'ftp://h/x', sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]}}"; "another scheme")]
#[test_case("components: {a: {downloads: [{url: 'https://h/x', sha256: 9F86}]}}"; "a checksum that is none")]
#[test_case("components: {a: {charts: [{name: x}]}}"; "a chart without chart")]
#[test_case("components: {a: {image: {name: a}}}"; "an image made of nothing")]
#[test_case("components: {a: {image: {name: a, build: make}}}"; "an image made otherwise")]
#[test_case("components: {a: {image: {name: a, build: cargo}}}"; "cargo without a package")]
#[test_case("components: {a: {image: {name: a, build: git}}}"; "git without a repository")]
#[test_case("components: {a: {image: {name: 'a:1', build: dockerfile}}}"; "a tag")]
#[test_case("components: {a: {image: {name: a, build: cargo, package: a, target: x}}}"; "a key of another way")]
#[test_case("components: {a: {image: {name: a, build: cargo, package: a, version: 1.0.0, folder: x}}}"; "version and folder")]
#[test_case("components: {a: {image: {name: a, build: cargo, package: a, version: '^1'}}}"; "a range of versions")]
#[test_case("components: {a: {dev: {}}}"; "a dev of nothing")]
#[test_case("components: {a: {dev: {command: [x], static: y, path: /z}}}"; "a process and files")]
#[test_case("components: {a: {dev: {static: y}}}"; "files without a path")]
#[test_case("components: {a: {managesStreams: maybe}}"; "a word for another switch")]
fn a_bad_file_is_refused_by_the_schema_and_by_the_parser(text: &str) {
    assert!(!fits(text), "the schema takes it");
    assert!(!loads(text), "the parser takes it");
}
