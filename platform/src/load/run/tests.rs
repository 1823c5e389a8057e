//! k6 as a script that behaves like it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

/// A program called k6 that writes `summary` where it is told to and then runs `rest`.
fn k6(summary: &str, rest: &str) -> (TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let script = format!(
        "#!/usr/bin/env -S --default-signal=INT sh\necho \"$@\" > '{}/arguments'\nwhile [ $# -gt 0 ]; do [ \"$1\" = --summary-export ] && cat > \"$2\" <<'EOF'\n{summary}\nEOF\nshift; done\n{rest}\n",
        folder.path().display(),
    );
    fs::write(bin.join("k6"), script).unwrap();
    fs::set_permissions(bin.join("k6"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = Run {
        k6: K6::find(Some(bin.as_os_str()), folder.path()).unwrap(),
        scenario: Scenario {
            name: "steady".to_owned(),
            about: String::new(),
            file: folder.path().join("steady.js"),
        },
        url: "http://127.0.0.1:1".to_owned(),
        vus: Some(3),
        duration: Some("2s".to_owned()),
        environment: vec![("USERS".to_owned(), "7".to_owned())],
        directory: folder.path().to_owned(),
    };
    (folder, run)
}

const CROSSED_ONE: &str =
    r#"{"metrics": {"http_req_duration": {"p(95)": 900, "thresholds": {"p(95)<500": true}}}}"#;

#[tokio::test]
async fn crossed_thresholds_are_a_result() {
    let (folder, run) = k6(CROSSED_ONE, "echo 'level=error crossed' >&2; exit 99");
    let mut told = Vec::new();
    let summary = run
        .run(Stdio::null(), |line| told.push(line), &CancellationToken::new())
        .await
        .unwrap();
    assert!(!summary.passed && !summary.interrupted);
    assert_eq!(summary.thresholds[0].measured, Some(900.0));
    assert_eq!(told, [Line("level=error crossed".to_owned())]);
    let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
    for part in [
        "--vus 3 --duration 2s",
        "--env USERS=7 --env BASE_URL=http://127.0.0.1:1",
        "steady.js",
    ] {
        assert!(arguments.contains(part), "{arguments}");
    }
}

#[tokio::test]
async fn a_script_with_variables_for_its_load_gets_those() {
    let (folder, run) = k6("{\"metrics\": {}}", "exit 0");
    fs::write(&run.scenario.file, "const time = __ENV.DURATION || '1m';").unwrap();
    run.run(Stdio::null(), |_| (), &CancellationToken::new())
        .await
        .unwrap();
    let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(arguments.contains("--vus 3 --env DURATION=2s"), "{arguments}");
    assert!(!arguments.contains("--duration"), "{arguments}");
}

#[tokio::test]
async fn a_script_that_throws_is_an_error_with_its_last_lines() {
    let (_folder, run) = k6("{}", "echo 'ReferenceError: x is not defined' >&2; exit 107");
    let error = run
        .run(Stdio::null(), |_| (), &CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "k6 could not run steady: the script threw an exception"
    );
    assert!(matches!(error, Error::Failed { lines, .. } if lines == ["ReferenceError: x is not defined"]));
}

#[tokio::test]
async fn what_was_found_up_to_an_interruption_is_returned() {
    let (folder, run) = k6(
        "{\"metrics\": {}}",
        "trap 'exit 105' INT; : > \"$0.started\"; while :; do sleep 0.05; done",
    );
    let started = folder.path().join("bin/k6.started");
    let cancel = CancellationToken::new();
    let canceller = async {
        while !started.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        cancel.cancel();
    };
    let (summary, ()) = tokio::join!(run.run(Stdio::null(), |_| (), &cancel), canceller);
    assert!(summary.unwrap().interrupted);
}
