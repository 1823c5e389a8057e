//! Logging of a whole process, to its real standard error.

use std::process::Command;

use runtime::telemetry::{self, Settings};
use serde_json::Value;

#[test]
fn a_process_logs_json_lines_panics_included_and_loses_none_at_its_end() {
    let test = [
        "telemetry::a_process_that_logs_and_panics",
        "--exact",
        "--ignored",
        "--nocapture",
    ];
    let output = Command::new(std::env::current_exe().unwrap())
        .args(test)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(lines.len(), stderr.lines().count(), "{stderr}");
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(messages, ["starting", "panic: the worker has a fault", "ending"]);
    assert_eq!(
        (&lines[0]["HostName"], &lines[0]["StatusCode"]),
        (&Value::from("node-1"), &Value::from(200))
    );
    assert!(lines[1]["place"].as_str().unwrap().contains("telemetry.rs"));
}

#[test]
#[ignore = "it takes over the logging of its process: the test above starts it in one of its own"]
fn a_process_that_logs_and_panics() {
    let settings = Settings {
        fields: vec![("HostName".to_owned(), "node-1".to_owned())],
        ..Settings::default()
    };
    let guard = telemetry::init(&settings, Some("info")).unwrap();
    assert!(telemetry::init(&settings, None).is_err());
    tracing::info!(StatusCode = 200, "starting");
    let worker = std::thread::spawn(|| panic!("the worker has a fault"));
    assert!(worker.join().is_err());
    tracing::info!("ending");
    drop(guard);
}
