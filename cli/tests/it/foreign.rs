//! `ratectl top` on a server of somebody else: 2,000 consumers over 50 streams of every kind.

mod bed;
mod consumers;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{environment::Environment, pty::Terminal};
use bed::{Bed, CONSUMERS, ODD_STREAM};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_of_somebody_elses_server_is_shown_as_it_is() {
    let bed = Bed::new().await;
    let url = bed.server.url();
    let looked = tokio::task::spawn_blocking(move || {
        let environment = Environment::new();
        let report = once(&environment, &url);
        on_a_terminal(&environment, &url, (80, 24));
        on_a_terminal(&environment, &url, (200, 50));
        report
    });
    let report = looked.await.unwrap();
    is_of_the_schema(&report);
    has_all_that_waits(&report, &bed.pending);
    tells_the_kinds(&report);
    finds_nothing_wrong_but_one(&report);
    is_safe(&report);
}

fn once(environment: &Environment, url: &str) -> Value {
    // It ends when everything was looked at twice; on a busy machine that may take longer than it does by itself.
    let ended = environment.run(&["-o", "json", "top", "--once", "--sample", "30s", "--nats", url]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.stdout).unwrap()
}

fn is_of_the_schema(report: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/top.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(report)
        .take(5)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The rows of a list, by stream and name.
fn rows(report: &Value) -> BTreeMap<(String, String), &Value> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = report["consumers"].as_array().unwrap().iter();
    rows.map(|row| ((text(row, "stream"), text(row, "consumer")), row))
        .collect()
}

fn has_all_that_waits(report: &Value, pending: &BTreeMap<(String, String), u64>) {
    assert_eq!(report["streams"].as_array().unwrap().len(), 50);
    assert_eq!(report["left_out"]["consumers"], 0);
    let rows = rows(report);
    assert_eq!((rows.len(), pending.len()), (CONSUMERS, CONSUMERS));
    for ((stream, consumer), pending) in pending {
        let row = rows
            .get(&(shown(stream), shown(consumer)))
            .unwrap_or_else(|| panic!("{stream} {consumer} is not there"));
        assert_eq!(row["raw"]["num_pending"], *pending, "{stream} {consumer}");
    }
    for (stream, messages) in [
        ("ORDERS", 20),
        ("MIRROR", 20),
        ("SOURCED", 12),
        ("JOBS", 5),
        ("NEWS", 4),
        ("QUIET", 0),
        ("NOACK", 3),
        ("EMPTY", 0),
        ("KV_settings", 3),
        ("OBJ_pictures", 5),
        (ODD_STREAM, 2),
    ] {
        assert_eq!(of_stream(report, stream)["raw"]["messages"], messages, "{stream}");
    }
}

/// A name as it is shown: without what a terminal would obey.
fn shown(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn of_stream<'a>(report: &'a Value, stream: &str) -> &'a Value {
    let rows = report["streams"].as_array().unwrap();
    let row = rows.iter().find(|row| row["stream"] == stream);
    row.unwrap_or_else(|| panic!("{stream} is not there"))
}

fn tells_the_kinds(report: &Value) {
    let rows = rows(report);
    let is = |stream: &str, consumer: &str, pointer: &str| {
        let row = rows[&(stream.to_owned(), consumer.to_owned())];
        row.pointer(pointer).unwrap().clone()
    };
    let orders = |consumer: &str, pointer: &str| is("ORDERS", consumer, pointer);
    for (consumer, mode, ordered, ephemeral, bound) in [
        ("bound-push", "push", false, false, Some(true)),
        ("lonely-push", "push", false, false, Some(false)),
        ("ordered", "push", true, true, Some(true)),
        ("ordered-left", "push", true, true, Some(false)),
        ("ephemeral", "pull", false, true, None),
        ("two-filters", "pull", false, false, None),
    ] {
        assert_eq!(orders(consumer, "/raw/mode"), mode, "{consumer}");
        assert_eq!(orders(consumer, "/raw/ordered"), ordered, "{consumer}");
        assert_eq!(orders(consumer, "/ephemeral"), ephemeral, "{consumer}");
        assert_eq!(orders(consumer, "/raw/push_bound").as_bool(), bound, "{consumer}");
    }
    assert_eq!(
        orders("two-filters", "/raw/filter_subjects")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(orders("paused", "/raw/paused"), true);
    assert_eq!(is("KV_settings", "watcher", "/raw/ordered"), true);
    for (stream, retention, storage) in [
        ("ORDERS", "limits", "file"),
        ("JOBS", "workqueue", "memory"),
        ("NEWS", "interest", "memory"),
    ] {
        let raw = &of_stream(report, stream)["raw"];
        assert_eq!(
            (&raw["retention"], &raw["storage"]),
            (&retention.into(), &storage.into())
        );
    }
    assert_eq!(of_stream(report, "MIRROR")["raw"]["mirror"]["stream"], "ORDERS");
    assert_eq!(
        of_stream(report, "SOURCED")["raw"]["sources"][0]["stream"],
        "ORDERS"
    );
}

/// Durable pull consumers that nobody has ever pulled from are told after a minute, which this test may take on a slow machine.
fn finds_nothing_wrong_but_one(report: &Value) {
    for row in report["streams"].as_array().unwrap() {
        assert_eq!(row["severity"], "ok", "{row}");
    }
    let rows = rows(report);
    let state = |stream: &str, consumer: &str| {
        let row = rows[&(stream.to_owned(), consumer.to_owned())];
        let text = |key: &str| row[key].as_str().unwrap();
        (text("state"), text("severity"))
    };
    assert_eq!(state("ORDERS", "lonely-push"), ("NO-CONSUMER", "crit"));
    assert_eq!(state("ORDERS", "paused"), ("PAUSED", "info"));
    for (stream, consumer) in [
        ("ORDERS", "bound-push"),
        ("ORDERS", "ordered"),
        ("KV_settings", "watcher"),
    ] {
        assert_eq!(state(stream, consumer).1, "ok", "{stream} {consumer}");
    }
    for row in rows.values().filter(|row| row["ephemeral"] == true) {
        assert!(
            ["ok", "info"].contains(&row["severity"].as_str().unwrap()),
            "{row}"
        );
    }
}

/// Nothing that a terminal would obey is in any text of it.
fn is_safe(value: &Value) {
    match value {
        Value::String(text) => assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}"),
        Value::Array(values) => values.iter().for_each(is_safe),
        Value::Object(values) => values.values().for_each(is_safe),
        _ => {}
    }
}

fn on_a_terminal(environment: &Environment, url: &str, size: (u16, u16)) {
    let mut terminal = Terminal::start(&environment.command(&["top", "--nats", url]), size);
    // A filter goes on where it was: Ctrl-U begins it anew.
    for (keys, words) in [
        ("2", "%LIMIT"),
        ("/KV_set\r", "KV_settings"),
        ("/\u{15}OBJ_\r", "OBJ_pictures"),
        ("3", "QUEUED"),
        ("/lonely\r", "lonely-push"),
        ("\r", "next to be delivered"),
        ("1", "Pulse"),
        ("4", "Proxy"),
        ("5", "Workers"),
        ("6", "Pods"),
        ("7", "Events"),
        ("3/\u{15}Bücher\r", "[31mred"),
        ("\r", "next to be delivered"),
    ] {
        terminal.type_keys(keys);
        terminal.wait_for(words);
    }
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
    for obeyed in [&b"\x1b[31mred"[..], b"\x1b]0;title", b"panicked"] {
        assert!(!terminal.has_written(obeyed), "{size:?}");
    }
}
