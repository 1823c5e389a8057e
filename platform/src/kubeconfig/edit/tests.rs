use test_case::test_case;

use super::*;

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|complaint| panic!("{complaint:?} in {text}"))
}

fn add(document: &mut Document) {
    document.put(Section::Clusters, "ours", &[("server", Some("https://x"))]);
}

/// Values that come out changed when a file is read and written as a whole.
const BY_HAND: &str = "# my clusters
apiVersion: v1
kind: Config
current-context: prod   # careful
clusters:   # all of them
# the first
- name: prod
  cluster:
    server: \"https://prod\"   # do not touch
    x-number: 12345678901234567890123
    x-version: 1.10
# after it

- cluster: {server: https://b}
  name: b
# about users
users:
  - name: me
    user: {username: 007, token: 0x1F}
extensions: {a: yes, b: .inf}
";

#[test]
fn only_the_lines_that_change_do() {
    let before = parse(BY_HAND);
    let mut during = before.clone();
    add(&mut during);
    let added = edit(BY_HAND, &before, &during).unwrap();
    let item = "- cluster:\n    server: https://x\n  name: ours\n";
    assert_eq!(
        added,
        BY_HAND.replace("# about users", &format!("{item}# about users"))
    );

    let mut after = during.clone();
    after.remove(Section::Clusters, "ours");
    assert_eq!(edit(&added, &during, &after).unwrap(), BY_HAND);
}

#[test]
fn an_entry_is_changed_in_its_place_and_its_neighbours_are_not() {
    let before = parse(BY_HAND);
    let mut after = before.clone();
    after.put(
        Section::Clusters,
        "prod",
        &[
            ("server", Some("https://new")),
            ("x-number", None),
            ("x-version", None),
        ],
    );
    after.put(Section::Users, "me", &[("token", Some("t"))]);
    let changed = edit(BY_HAND, &before, &after).unwrap();
    assert!(changed.contains("# the first\n- cluster:\n    server: https://new\n  name: prod\n# after it\n\n- cluster: {server: https://b}\n"), "{changed}");
    assert!(changed.contains("users:\n  - name: me\n    user:\n"), "{changed}");
    assert!(changed.ends_with("extensions: {a: yes, b: .inf}\n"), "{changed}");
}

#[test]
fn comments_outlive_the_entry_they_follow() {
    let before = parse(BY_HAND);
    let mut after = before.clone();
    after.remove(Section::Clusters, "prod");
    after.remove(Section::Clusters, "b");
    let emptied = edit(BY_HAND, &before, &after).unwrap();
    assert!(
        emptied.contains("clusters: []\n# the first\n# after it\n\n# about users\nusers:\n"),
        "{emptied}"
    );
}

#[test]
fn the_current_context_is_set_in_its_line() {
    let before = parse(BY_HAND);
    let mut after = before.clone();
    after.set_current_context("b");
    let expected = BY_HAND.replace("current-context: prod   # careful", "current-context: b");
    assert_eq!(edit(BY_HAND, &before, &after).unwrap(), expected);
}

#[test_case("" ; "an empty file")]
#[test_case("# nothing yet" ; "no end of line")]
#[test_case("kind: Config\nclusters: []\nusers: null\n" ; "an empty list")]
#[test_case("clusters:\nusers:\nkind: Config\n" ; "a list of nothing")]
#[test_case("---\napiVersion: v1\nclusters:\n    - name: a\n      cluster: {server: b}\n" ; "an indented list")]
#[test_case("clusters:\r\n- name: a\r\n  cluster: {server: b}\r\nusers: []\r\n" ; "lines of Windows")]
fn lines_of_every_shape_take_an_entry(text: &str) {
    let before = parse(text);
    let mut after = before.clone();
    add(&mut after);
    let edited = edit(text, &before, &after).unwrap();
    assert!(edited.contains("name: ours\n"), "{edited}");
    for line in text
        .lines()
        .filter(|line| line.contains("name: a") || line.starts_with(['#', '-']))
    {
        assert!(edited.contains(line), "{edited}");
    }
}

#[test_case(r#"{"kind": "Config", "clusters": [{"name": "a", "cluster": {}}]}"# ; "json")]
#[test_case("clusters: [{name: a, cluster: {}}]\n" ; "a list in one line")]
#[test_case("'clusters':\n- name: a\n  cluster: {}\n" ; "a key in quotes")]
#[test_case("clusters:\n- name: a\n  cluster: {x: \"b\n- c\"}\n" ; "text that looks like an item")]
fn what_lines_cannot_do_is_left_to_a_whole_rewrite(text: &str) {
    let before = parse(text);
    let mut after = before.clone();
    add(&mut after);
    assert_eq!(edit(text, &before, &after), None);
}
