//! Against a stand-in program that says what it was given. With a real `helm` in `PATH` the last test renders a real chart as well.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

struct Bench(tempfile::TempDir);

impl Bench {
    /// A folder with a program `helm` that is this script.
    fn with(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("helm");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn helm(&self) -> Helm {
        Helm {
            folders: vec![self.0.path().join("none"), self.0.path().to_owned()],
        }
    }
}

fn chart() -> Chart {
    Chart {
        name: "kgateway".to_owned(),
        chart: "https://charts.example/kgateway-2.1.2.tgz".to_owned(),
        version: Some("2.1.2".to_owned()),
        sha256: None,
        namespace: None,
        values: vec![
            PathBuf::from("/values/one.yaml"),
            PathBuf::from("/values/two.yaml"),
        ],
        overlay: None,
    }
}

#[tokio::test]
async fn helm_is_told_everything_and_knows_nothing_of_this_machine() {
    let bench = Bench::with("echo \"$*\"; env | sort | grep -E '^(HELM|KUBE|CARGO)'");
    let place = Path::new("/cache/abc");
    let said = bench.helm().template(&chart(), place, "gateway").await.unwrap();
    insta::assert_snapshot!(said, @r"
    template kgateway /cache/abc --namespace gateway --include-crds --skip-tests --version 2.1.2 --values /values/one.yaml --values /values/two.yaml
    HELM_PLUGINS=/dev/null
    HELM_REGISTRY_CONFIG=/dev/null
    HELM_REPOSITORY_CONFIG=/dev/null
    KUBECONFIG=/dev/null
    ");
}

#[tokio::test]
async fn what_helm_complains_about_is_passed_on_in_one_line() {
    let script = "printf 'Error: execution error\\n  at <x>: \\033[31mnil pointer\\n\\nUse --debug flag to render out invalid YAML\\n' >&2; exit 1";
    let bench = Bench::with(script);
    let error = bench
        .helm()
        .template(&chart(), Path::new("/x"), "a")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "helm template failed (exit status: 1): execution error at <x>: nil pointer"
    );
}

#[tokio::test]
async fn without_helm_there_is_an_error_that_says_so() {
    let helm = Helm { folders: Vec::new() };
    let error = helm.template(&chart(), Path::new("/x"), "a").await.unwrap_err();
    assert!(matches!(error, Error::NoHelm));
}

#[test]
fn tools_of_the_project_come_after_the_path() {
    let root = tempfile::tempdir().unwrap();
    let tools = root.path().join(".tools/bin");
    std::fs::create_dir_all(&tools).unwrap();
    let inside = root.path().join("manifests/gateway");
    assert_eq!(Helm::standard(Some(&inside)).folders.last(), Some(&tools));
    assert!(!Helm::standard(None).folders.contains(&tools));
}

#[tokio::test]
async fn a_real_helm_renders_a_chart() {
    let helm = Helm::standard(Some(Path::new(env!("CARGO_MANIFEST_DIR"))));
    if helm.program().is_err() {
        // Not on every machine; the arguments are checked against the stand-in above.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("Chart.yaml", "apiVersion: v2\nname: small\nversion: 1.0.0\n");
    write("values.yaml", "greeting: hello\n");
    write(
        "crds/room.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: rooms.example.org}\n",
    );
    write(
        "templates/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\ndata: {greeting: '{{ .Values.greeting }}'}\n",
    );
    write("own.yaml", "greeting: salut\n");
    let small = Chart {
        version: None,
        values: vec![folder.path().join("own.yaml")],
        ..chart()
    };
    let text = helm.template(&small, folder.path(), "gateway").await.unwrap();
    for part in [
        "rooms.example.org",
        "name: 'kgateway', namespace: 'gateway'",
        "greeting: 'salut'",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
