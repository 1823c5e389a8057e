use test_case::test_case;

use super::*;

#[test_case("" ; "an empty file")]
#[test_case("\n# nothing yet\n" ; "a comment")]
#[test_case("null\n" ; "null")]
#[test_case("---\n" ; "a document start")]
#[test_case("\u{feff}kind: Config\n" ; "a byte order mark")]
#[test_case("apiVersion: v1\nkind: Config\nclusters: null\nusers: []\ncurrent-context: \"\"\n" ; "empty lists")]
#[test_case(r#"{"apiVersion": "v1", "kind": "Config", "clusters": []}"# ; "json")]
fn nothing_in_it_is_a_kubeconfig_too(text: &str) {
    let document = Document::parse(text).unwrap();
    assert_eq!(document.current_context(), None);
    assert!(!document.has(Section::Clusters, "a"));
}

#[test_case("clusters: [\n", 1 ; "an open bracket")]
#[test_case("kind: Config\n\tclusters: []\n", 1 ; "a tab")]
#[test_case("kind: Config\nclusters: {}\n", 2 ; "a map where a list belongs")]
#[test_case("kind: Config\nclusters:\n- 7\n", 3 ; "a number where an entry belongs")]
#[test_case("kind: Config\nclusters:\n- name: a\n  cluster: https://a\n", 4 ; "text where a cluster belongs")]
#[test_case("apiVersion: v1\nkind: Deployment\n", 2 ; "another kind")]
#[test_case("apiVersion: apps/v1\n", 1 ; "another version")]
#[test_case("kind: Config\nkind: Config\n", 2 ; "a key twice")]
#[test_case("kind: Config\n---\nkind: Config\n", 3 ; "two documents")]
#[test_case("- a\n", 1 ; "a list")]
#[test_case("hello\n", 1 ; "a word")]
fn what_is_no_kubeconfig_is_refused_with_its_line(text: &str, line: u64) {
    let complaint = Document::parse(text).unwrap_err();
    assert_eq!(complaint.line, line, "{complaint:?}");
    assert!(
        !complaint.reason.is_empty() && !complaint.reason.contains('\n'),
        "{complaint:?}"
    );
}

#[test]
fn fields_that_are_not_asked_for_are_kept_and_repetitions_dropped() {
    let text = "clusters:\n\
                - {name: a, cluster: {server: old, proxy-url: p, insecure-skip-tls-verify: true}, note: mine}\n\
                - {name: b, cluster: {server: other}}\n\
                - {name: a, cluster: {server: second}}\n";
    let mut document = Document::parse(text).unwrap();
    let fields = [("server", Some("new")), ("insecure-skip-tls-verify", None)];
    document.put(Section::Clusters, "a", &fields);
    let expected = "apiVersion: v1\nkind: Config\nclusters:\n\
                    - {name: a, cluster: {server: new, proxy-url: p}, note: mine}\n\
                    - {name: b, cluster: {server: other}}\n";
    assert_eq!(document, Document::parse(expected).unwrap());
}

#[test]
fn a_body_that_is_missing_is_made() {
    let mut document = Document::parse("users:\n- name: a\n").unwrap();
    document.put(Section::Users, "a", &[("token", Some("t"))]);
    assert_eq!(document.get(Section::Users, "a").unwrap()["token"], "t");
}

/// Go's reader follows YAML 1.1, where these are no strings unless they are quoted.
#[test_case("yes" ; "a truth")]
#[test_case("off" ; "a lie")]
#[test_case("012" ; "an octal number")]
#[test_case("1:30" ; "a sexagesimal number")]
#[test_case("0x1f" ; "a hexadecimal number")]
#[test_case("1e3" ; "a float")]
#[test_case("2020-01-01" ; "a date")]
#[test_case("~" ; "nothing")]
#[test_case("<<" ; "a merge key")]
#[test_case("- a" ; "a list item")]
#[test_case("a: b" ; "a pair")]
#[test_case("a #b" ; "a comment")]
#[test_case("" ; "emptiness")]
fn strings_that_look_like_something_else_are_quoted(text: &str) {
    let mut document = Document::default();
    document.set_current_context("x");
    document.put(Section::Users, "u", &[("token", Some(text))]);
    let rendered = document.render();
    let line = rendered.lines().find(|line| line.contains("token:")).unwrap();
    let value = line.split_once("token: ").unwrap().1;
    assert!(value.starts_with(['\'', '"']), "{line}");
    assert_eq!(Document::parse(&rendered).unwrap(), document);
}
