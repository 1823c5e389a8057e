use std::fmt::Write as _;

use serde_json::{Value, json};
use test_case::test_case;

use super::*;
use crate::manifest::Id;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    async fn load(&self, overlays: &[&str]) -> Result<Vec<Object>, String> {
        let deployment = Deployment {
            manifests: Some(self.0.path().to_owned()),
            namespace: Some("rating".to_owned()),
            ..Deployment::default()
        };
        let cache = Cache {
            folder: self.0.path().join(".cache"),
            offline: true,
        };
        let overlays: Vec<String> = overlays.iter().map(ToString::to_string).collect();
        let loaded = load(&deployment, &overlays, &cache).await;
        let prefix = format!("{}/", self.0.path().display());
        loaded.map_err(|error| error.to_string().replace(&prefix, ""))
    }

    async fn refusal(&self, overlays: &[&str]) -> String {
        self.load(overlays).await.unwrap_err()
    }
}

fn config(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '1'}}\n")
}

const PROXY: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: proxy
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: proxy
          image: localhost:5000/http-to-nats-proxy
";

fn names(objects: &[Object]) -> Vec<String> {
    objects.iter().map(|object| object.id().to_string()).collect()
}

#[tokio::test]
async fn files_are_read_by_name_and_documents_in_their_order() {
    let two = format!(
        "# first\n---\n{}---\n---\n# nothing\n---\n{}",
        config("c"),
        config("b")
    );
    let folder = Folder::with(&[
        ("b.yaml", &two),
        ("a.yml", &config("z")),
        (
            "c.json",
            r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}"#,
        ),
        ("README.md", "no: ["),
        (".hidden.yaml", "no: ["),
        ("dev/x.yaml", "no: ["),
    ]);
    let objects = folder.load(&["prod"]).await.unwrap();
    assert_eq!(
        names(&objects),
        [
            "ConfigMap rating/z",
            "ConfigMap rating/c",
            "ConfigMap rating/b",
            "Namespace n"
        ]
    );
}

#[tokio::test]
async fn a_list_is_unfolded() {
    let mut list = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    for name in ["a", "b"] {
        writeln!(
            list,
            "- {{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}}}"
        )
        .unwrap();
    }
    let objects = Folder::with(&[("a.yaml", &list)]).load(&[]).await.unwrap();
    assert_eq!(names(&objects), ["Secret rating/a", "Secret rating/b"]);
}

#[tokio::test]
async fn a_namespace_goes_to_what_is_namespaced_for_sure() {
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: rooms.example.org}\n\
        spec: {group: example.org, scope: Namespaced, names: {kind: Room}}\n---\n\
        apiVersion: example.org/v1\nkind: Room\nmetadata: {name: a}\n---\n\
        apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nmetadata: {name: b}\n---\n\
        apiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: other}\nspec: {}\n";
    let objects = Folder::with(&[("a.yaml", definition)]).load(&[]).await.unwrap();
    let found: Vec<(Option<&str>, bool)> = objects
        .iter()
        .map(|object| (object.namespace(), object.needs_namespace()))
        .collect();
    assert_eq!(
        found,
        [
            (None, false),
            (Some("rating"), false),
            (None, true),
            (Some("other"), false)
        ]
    );
}

#[tokio::test]
async fn overlays_change_add_and_delete_in_their_order() {
    let folder = Folder::with(&[
        ("proxy.yaml", PROXY),
        ("old.yaml", &config("old")),
        ("dev/a.yaml", &PROXY.replace("replicas: 1", "replicas: 2")),
        (
            "prod/a.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: proxy, namespace: rating}\nspec: {replicas: 3}\n",
        ),
        ("prod/b.yaml", &config("new")),
        (
            "prod/c.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n$patch: delete\n",
        ),
    ]);
    let replicas = |objects: &[Object]| -> Value {
        let proxy = objects.iter().find(|object| object.kind() == "Deployment");
        proxy.unwrap().value()["spec"]["replicas"].clone()
    };
    assert_eq!(replicas(&folder.load(&["dev"]).await.unwrap()), json!(2));
    let objects = folder.load(&["dev", "prod"]).await.unwrap();
    assert_eq!(replicas(&objects), json!(3));
    assert_eq!(
        names(&objects),
        ["Deployment rating/proxy", "ConfigMap rating/new"]
    );
    assert_eq!(replicas(&folder.load(&["prod", "dev"]).await.unwrap()), json!(2));
    let template = &objects[0].value()["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(template["image"], "localhost:5000/http-to-nats-proxy");
}

#[tokio::test]
async fn one_overlay_may_change_an_object_in_several_files() {
    let change = |spec: &str| {
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: proxy}}\nspec: {{{spec}}}\n")
    };
    let folder = Folder::with(&[
        ("proxy.yaml", PROXY),
        ("ha/size.yaml", &change("replicas: 3")),
        ("ha/users.yaml", &change("paused: true")),
    ]);
    let spec = folder.load(&["ha"]).await.unwrap()[0].value()["spec"].clone();
    assert_eq!((&spec["replicas"], &spec["paused"]), (&json!(3), &json!(true)));
}

#[test_case("a: 1" => "a.yaml:1:1: document 1 has no apiVersion"; "no kind of object")]
#[test_case("---\n# x\n---\napiVersion: v1\nkind: X\n" => "a.yaml:4:1: document 1 has no metadata.name"; "no name")]
#[test_case("apiVersion: v1\nkind: X\nmetadata: {name: a}\n---\n\n- a\n" => "a.yaml:6:1: document 2 is no mapping, so no Kubernetes object"; "a list")]
#[test_case("apiVersion: v1\nkind: X\nmetadata: {name: on}\n" => "a.yaml:1:1: document 1 has a metadata.name that is no text; put it into quotes"; "a name that is a boolean")]
#[test_case("apiVersion: v1\nkind: X\nmetadata: {generateName: a-}\n" => "a.yaml:1:1: document 1 has generateName: what is deployed again and again needs a name of its own"; "a name that is made up")]
#[test_case("apiVersion: v1\nkind: List\nitems:\n- {kind: X}\n" => "a.yaml:4:3: item 1 of document 1 has no apiVersion"; "an item of a list")]
#[test_case("kind: X\nkind: Y\n" => "a.yaml:2:1: the key 'kind' is there twice"; "a key twice")]
#[tokio::test]
async fn a_file_that_is_wrong_says_where(text: &str) -> String {
    Folder::with(&[("a.yaml", text)]).refusal(&[]).await
}

#[tokio::test]
async fn one_object_twice_names_both_places() {
    let other = "# words\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: rating}\n";
    let folder = Folder::with(&[("a.yaml", &config("a")), ("b.yaml", other)]);
    assert_eq!(
        folder.refusal(&[]).await,
        "b.yaml:2:1: ConfigMap rating/a is there twice: a.yaml:1 has it as well"
    );
}

#[tokio::test]
async fn a_folder_without_manifests_is_an_error() {
    assert!(
        Folder::with(&[("README.md", "")])
            .refusal(&[])
            .await
            .starts_with("there is no manifest")
    );
}

#[test_case(
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prxy}\nspec: {replicas: 2}\n"
    => "dev/a.yaml:1:1: there is no Deployment rating/prxy to change, and a new one needs spec.template; did you mean Deployment rating/proxy?";
    "a misspelt object"
)]
#[test_case(
    "apiVersion: v1\nkind: Service\nmetadata: {name: proxy}\n$patch: delete\n"
    => "dev/a.yaml:1:1: there is no Service rating/proxy to delete"; "an object that is not there"
)]
#[test_case(
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: proxy\nspec:\n  paused: null\n"
    => "dev/a.yaml:6:3: there is no spec.paused to delete"; "a key that is not there"
)]
#[test_case(
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: proxy\nspec:\n  template:\n    spec:\n      containers:\n        - name: prxy\n          tty: true\n"
    => "dev/a.yaml:9:11: there is no spec.template.spec.containers[name=prxy] to change, and a new one needs 'image'; there: name=proxy";
    "a container that is not there"
)]
#[test_case(
    "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: proxy}\n    spec:\n      $patch: merge\n"
    => "dev/a.yaml:8:7: $patch is 'delete' or 'replace'"; "an instruction that there is not"
)]
#[tokio::test]
async fn an_overlay_that_does_not_fit_says_where(overlay: &str) -> String {
    Folder::with(&[("proxy.yaml", PROXY), ("dev/a.yaml", overlay)])
        .refusal(&["dev"])
        .await
}

#[tokio::test]
async fn an_id_is_what_one_sees() {
    let objects = Folder::with(&[("a.yaml", PROXY)]).load(&[]).await.unwrap();
    let id = Id {
        group: "apps".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: Some("rating".to_owned()),
        name: "proxy".to_owned(),
    };
    assert_eq!(objects[0].id(), id);
}

/// With every overlay that somebody may choose: what does not fit is found here and not by who deploys.
#[tokio::test]
async fn the_manifests_of_this_repository_load_with_every_overlay() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = crate::project::Project::load(&root.join("ratectl.yaml")).unwrap();
    let cache = Cache::standard(true);
    let mut count = 0;
    for component in &project.components {
        let Some(mut deployment) = component.deployment.clone() else {
            continue;
        };
        // What lies elsewhere is not for a test.
        deployment.downloads.clear();
        deployment.charts.clear();
        for overlays in [
            vec![],
            vec!["dev"],
            vec!["ha"],
            vec!["prod"],
            vec!["prod", "traefik"],
            vec!["prod", "kgateway"],
        ] {
            let overlays: Vec<String> = overlays.into_iter().map(str::to_owned).collect();
            let loaded = load(&deployment, &overlays, &cache).await;
            count += loaded
                .unwrap_or_else(|error| panic!("{} with {overlays:?}: {error}", component.name))
                .len();
        }
    }
    assert!(count > 100, "{count} objects");
}
