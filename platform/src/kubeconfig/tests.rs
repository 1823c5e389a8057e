use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

fn entry(cluster: &str) -> Entry {
    let name = name(cluster);
    Entry {
        name: name.context(),
        user: name.user(),
        server: "https://127.0.0.1:6550".to_owned(),
        certificate_authority_data: "Y2E=".to_owned(),
        client_certificate_data: "Y2VydA==".to_owned(),
        client_key_data: "a2V5".to_owned(),
    }
}

fn at(files: &[&Path]) -> Location {
    let files = files.iter().map(|file| (*file).to_owned()).collect();
    Location {
        files,
        patience: Duration::ZERO,
    }
}

fn value(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_saphyr::from_str::<Option<Value>>(&text)
        .unwrap()
        .unwrap_or_default()
}

const FOREIGN: &str = "apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: https://prod, certificate-authority: /etc/ca.pem}
users:
- name: me
  user: {exec: {command: kubelogin, args: [get-token], env: null, apiVersion: client.authentication.k8s.io/v1}}
contexts:
- name: prod
  context: {cluster: prod, user: me, namespace: '007'}
current-context: prod
preferences: {colors: true}
extensions: [{name: x, extension: {a: [1, 2.5, yes, null]}}]
";

#[test_case(Some("f"), Some("a:b"), &["f"] ; "the flag wins")]
#[test_case(None, Some("a::b:a"), &["a", "b"] ; "the variable names several")]
#[test_case(None, Some(""), &["/home/me/.kube/config"] ; "an empty variable is none")]
#[test_case(None, Some("::"), &["/home/me/.kube/config"] ; "a variable of nothing is none")]
#[test_case(None, None, &["/home/me/.kube/config"] ; "the default")]
fn the_files_are_those_of_kubectl(flag: Option<&str>, variable: Option<&str>, expected: &[&str]) {
    let home = Some(PathBuf::from("/home/me"));
    let location = Location::of(flag.map(Path::new), variable.map(OsStr::new), home);
    assert_eq!(
        location.files(),
        expected.iter().map(PathBuf::from).collect::<Vec<_>>()
    );
}

#[test]
fn a_first_merge_makes_folder_and_file_for_nobody_else_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a/.kube/config");
    let merged = at(&[&file]).merge(&entry("dev"), false).unwrap();
    assert!(merged.changed);
    assert_eq!((merged.file, merged.current_context), (file.clone(), None));
    let expected = json!({
        "apiVersion": "v1", "kind": "Config",
        "clusters": [{"name": "k3d-dev", "cluster": {"server": "https://127.0.0.1:6550", "certificate-authority-data": "Y2E="}}],
        "users": [{"name": "admin@k3d-dev", "user": {"client-certificate-data": "Y2VydA==", "client-key-data": "a2V5"}}],
        "contexts": [{"name": "k3d-dev", "context": {"cluster": "k3d-dev", "user": "admin@k3d-dev"}}],
    });
    assert_eq!(value(&file), expected);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn others_stay_as_they_are_and_the_current_context_changes_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, FOREIGN).unwrap();
    let before = value(&file);
    let location = at(&[&file]);
    assert_eq!(
        location
            .merge(&entry("dev"), false)
            .unwrap()
            .current_context
            .unwrap(),
        "prod"
    );
    assert_eq!(
        location
            .merge(&entry("dev"), true)
            .unwrap()
            .current_context
            .unwrap(),
        "k3d-dev"
    );
    let removed = location.remove(&name("dev")).unwrap();
    assert!(removed.was_current);
    assert_eq!(
        (removed.files, removed.current_context),
        (vec![file.clone()], None)
    );
    let mut expected = before;
    expected["current-context"] = "".into();
    assert_eq!(value(&file), expected);
}

#[test]
fn nothing_is_written_when_nothing_would_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let location = at(&[&file]);
    assert!(!location.holds(&entry("dev")).unwrap());
    assert!(location.merge(&entry("dev"), true).unwrap().changed);
    let by_hand = format!("# mine\n{}", fs::read_to_string(&file).unwrap());
    fs::write(&file, &by_hand).unwrap();
    assert!(location.holds(&entry("dev")).unwrap());
    assert!(!location.merge(&entry("dev"), true).unwrap().changed);
    assert!(location.remove(&name("other")).unwrap().files.is_empty());
    assert_eq!(fs::read_to_string(&file).unwrap(), by_hand);
    let moved = Entry {
        server: "https://127.0.0.1:1".to_owned(),
        ..entry("dev")
    };
    assert!(!location.holds(&moved).unwrap());
}

#[test]
fn of_several_files_the_one_that_holds_an_entry_is_changed_and_new_ones_go_to_the_first_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|file| folder.path().join(file));
    let location = at(&[&a, &b, &c]);
    assert_eq!(location.merge(&entry("one"), false).unwrap().file, c);
    fs::write(&b, FOREIGN).unwrap();
    assert_eq!(location.merge(&entry("two"), true).unwrap().file, b);
    assert_eq!(
        location
            .merge(
                &Entry {
                    server: "https://x".to_owned(),
                    ..entry("one")
                },
                false
            )
            .unwrap()
            .file,
        c
    );
    assert!(!a.exists());
    assert_eq!(value(&c)["clusters"][0]["cluster"]["server"], "https://x");
    assert_eq!(value(&b)["current-context"], "k3d-two");
    location.remove(&name("one")).unwrap();
    assert_eq!(value(&c)["clusters"], json!([]));
}

#[test]
fn a_context_of_a_later_file_that_comes_forth_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|file| folder.path().join(file));
    fs::write(&a, "").unwrap();
    fs::write(&b, FOREIGN).unwrap();
    let location = at(&[&a, &b]);
    assert_eq!(
        location
            .merge(&entry("dev"), true)
            .unwrap()
            .current_context
            .unwrap(),
        "k3d-dev"
    );
    assert_eq!(
        location.remove(&name("dev")).unwrap().current_context.unwrap(),
        "prod"
    );
}

#[test]
fn a_link_stays_a_link_and_the_mode_stays() {
    let folder = tempfile::tempdir().unwrap();
    let [real, link, dangling] = ["real", "link", "dangling"].map(|file| folder.path().join(file));
    fs::write(&real, FOREIGN).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real", &link).unwrap();
    at(&[&link]).merge(&entry("dev"), false).unwrap();
    assert!(link.is_symlink());
    assert!(at(&[&real]).holds(&entry("dev")).unwrap());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    std::os::unix::fs::symlink("absent", &dangling).unwrap();
    at(&[&dangling]).merge(&entry("dev"), false).unwrap();
    assert!(dangling.is_symlink() && folder.path().join("absent").is_file());
}

#[test]
fn what_is_broken_is_told_with_its_place_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let broken = "kind: Config\nclusters:\n- name: [\n";
    fs::write(&file, broken).unwrap();
    let error = at(&[&file]).merge(&entry("dev"), true).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("kubeconfig {}:", file.display())),
        "{error}"
    );
    fs::write(&file, b"kind: Config\nx: \xff\n").unwrap();
    let error = at(&[&file]).remove(&name("dev")).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("kubeconfig {}:2:4: this is not UTF-8", file.display())
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn devices_and_folders_are_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let null = Path::new("/dev/null");
    assert!(!at(&[null]).holds(&entry("dev")).unwrap());
    assert!(at(&[null]).remove(&name("dev")).unwrap().files.is_empty());
    assert!(matches!(
        at(&[folder.path()]).merge(&entry("dev"), false),
        Err(Error::NotAFile { .. })
    ));
}

#[test]
fn a_file_too_big_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::File::create(&file)
        .unwrap()
        .set_len(17 * 1024 * 1024)
        .unwrap();
    assert!(matches!(
        at(&[&file]).holds(&entry("dev")),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn a_node_file_is_read_and_renamed() {
    let text = "clusters:\n- {name: default, cluster: {server: 'https://127.0.0.1:6443', certificate-authority-data: Y2E=}}\n\
                contexts:\n- {name: default, context: {cluster: default, user: default}}\ncurrent-context: default\n\
                users:\n- {name: default, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}\n";
    let read = Entry::from_node(text.as_bytes(), &name("dev"), "https://127.0.0.1:6550").unwrap();
    assert_eq!(read, entry("dev"));
    assert!(!format!("{read:?}").contains("a2V5"));
}

#[test_case("", "nothing named 'default' in contexts" ; "an empty file")]
#[test_case("kind: [", "line " ; "half a file")]
#[test_case("contexts: [{name: default, context: {cluster: a}}]", "nothing named 'a' in clusters" ; "no cluster")]
#[test_case("contexts: [{name: default, context: {cluster: a}}]\nclusters: [{name: a, cluster: {}}]", "it has no user" ; "no user")]
fn a_node_file_that_is_not_whole_is_told(text: &str, reason: &str) {
    let error = Entry::from_node(text.as_bytes(), &name("dev"), "s")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("of cluster dev is not usable") && error.contains(reason),
        "{error}"
    );
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[yYnNoO~0-9:.eE_+<=-]{1,6}".prop_map(Value::from),
        "[a-z\n\t\"'\\\\ #:{}\\[\\],&*!|>%@`\u{7f}\u{85}\u{2028}]{0,8}".prop_map(Value::from),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z0-9 .:~-]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A kubeconfig of other people: entries under names that are not ours, each with anything in it.
fn foreign() -> impl Strategy<Value = Value> {
    let list = |body: &'static str| {
        let body_of = prop::collection::btree_map("[a-z-]{1,8}", anything(), 0..4);
        let items = prop::collection::vec(("[a-z0-9@ -]{0,8}", body_of, anything()), 0..4);
        items.prop_map(move |items| {
            let item = |(name, fields, extra)| json!({"name": name, body: fields, "extra": extra});
            items.into_iter().map(item).collect::<Value>()
        })
    };
    (
        list("cluster"),
        list("user"),
        list("context"),
        "[a-z]{0,5}",
        anything(),
    )
        .prop_map(|(clusters, users, contexts, current, extra)| {
            json!({
                "apiVersion": "v1", "kind": "Config", "clusters": clusters, "users": users,
                "contexts": contexts, "current-context": current, "extra": extra,
            })
        })
}

proptest! {
    // Each case waits for the disk four times.
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_merged_and_removed_again_leaves_everything_as_it_was(before in foreign(), switch: bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        // In the open they are no YAML.
        let text = before.to_string().replace('\u{7f}', "\\u007f");
        fs::write(&file, text).unwrap();
        let location = at(&[&file]);
        location.merge(&entry("ours"), switch).unwrap();
        prop_assert!(location.holds(&entry("ours")).unwrap());
        let mut during = value(&file);
        for list in ["clusters", "users", "contexts"] {
            let ours = during[list].as_array_mut().unwrap().pop().unwrap();
            prop_assert!(ours["name"].as_str().unwrap().ends_with("k3d-ours"));
        }
        let mut expected = before;
        if switch {
            prop_assert_eq!(&during["current-context"], "k3d-ours");
            during["current-context"] = expected["current-context"].clone();
        }
        prop_assert_eq!(&during, &expected);
        location.remove(&name("ours")).unwrap();
        if switch {
            expected["current-context"] = "".into();
        }
        prop_assert_eq!(value(&file), expected);
    }

    #[test]
    fn a_file_in_block_style_is_the_same_text_after_a_merge_and_a_removal(before in foreign()) {
        prop_assume!(["clusters", "users", "contexts"].iter().all(|list| before[list] != json!([])));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
        let mut text = "# mine\n".to_owned();
        serde_saphyr::to_fmt_writer_with_options(&mut text, &before, options).unwrap();
        fs::write(&file, &text).unwrap();
        let location = at(&[&file]);
        location.merge(&entry("ours"), false).unwrap();
        prop_assert!(location.holds(&entry("ours")).unwrap());
        location.remove(&name("ours")).unwrap();
        prop_assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
