//! Against the schemas of Kubernetes' own kinds, strictly.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;

use super::rendered;

/// The Kubernetes version whose schemas count: that of the clusters that create-cluster makes.
const VERSION: &str = "1.34";
/// Kinds that somebody has defined; the API server judges those, in the tests on a cluster.
const DEFINED_BY_OTHERS: [&str; 3] = ["gateway.networking.k8s.io", "jetstream.nats.io", "keda.sh"];

/// Reads `[[label, object]…]` and prints what is wrong, one line each.
const JUDGE: &str = "
import json, sys, kubernetes_validate
for label, thing in json.load(sys.stdin):
    try:
        kubernetes_validate.validate(thing, sys.argv[1], strict=True)
    except Exception as error:
        print(label, type(error).__name__, list(getattr(error, 'path', [])), getattr(error, 'message', error))
";

/// The interpreter that `make test` prepares. Nothing is proven without it, so CI must have it.
#[expect(clippy::print_stdout, reason = "a test that proves nothing says so")]
fn python() -> Option<PathBuf> {
    let python = testbed::repository().join(".tools/python/bin/python");
    let probe = Command::new(&python)
        .args(["-c", "import kubernetes_validate"])
        .output();
    let is_there = probe.is_ok_and(|output| output.status.success());
    assert!(
        is_there || std::env::var("CI").is_err(),
        "{} has no kubernetes-validate; run make test",
        python.display()
    );
    if !is_there {
        println!("skipped: `make test` installs kubernetes-validate");
    }
    is_there.then_some(python)
}

#[tokio::test]
async fn every_object_is_what_its_kind_may_be() {
    let Some(python) = python() else { return };
    let labelled: Vec<_> = rendered()
        .await
        .iter()
        .flat_map(|rendered| {
            let judged = rendered
                .objects
                .iter()
                .filter(|object| !DEFINED_BY_OTHERS.contains(&object.group()));
            judged
                .map(|object| {
                    let label = format!("{} [{}] {}:", rendered.component, rendered.overlays, object.id());
                    json!([label, object.value()])
                })
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(labelled.len() > 300, "{} objects", labelled.len());
    let mut judge = Command::new(python)
        .args(["-c", JUDGE, VERSION])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = serde_json::to_string(&labelled).unwrap();
    judge.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let wrong = String::from_utf8_lossy(&output.stdout);
    assert!(wrong.is_empty(), "{wrong}");
}
