use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use serde_json::Value;
use test_case::test_case;

use super::{Error, Format, Output, Settings, subscriber};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn settings(format: Format, filter: &str) -> Settings {
    Settings {
        format,
        filter: Some(filter.to_owned()),
        fields: vec![("HostName".to_owned(), "node-1".to_owned())],
    }
}

fn logged(settings: &Settings, is_terminal: bool, log: impl FnOnce()) -> String {
    let sink = Sink::default();
    let output = Output::start(sink.clone()).unwrap();
    let subscriber = subscriber(settings, None, is_terminal, output.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, log);
    output.close();
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn json(log: impl FnOnce()) -> Vec<Value> {
    let text = logged(&settings(Format::Json, "trace"), false, log);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_request_is_one_flat_line_with_exactly_the_names_given() {
    let lines = json(|| {
        tracing::info!(
            Elapsed = 12.0,
            RequestId = "0199",
            RequestPath = %"/users",
            StatusCode = 200_u16,
            TraceId = "4bf9",
            retryable = false,
            "request served"
        );
    });
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let expected = serde_json::json!({
        "timestamp": line["timestamp"], "level": "INFO", "target": "runtime::telemetry::tests", "HostName": "node-1",
        "message": "request served", "Elapsed": 12.0, "RequestId": "0199", "RequestPath": "/users", "StatusCode": 200,
        "TraceId": "4bf9", "retryable": false,
    });
    assert_eq!(line, &expected);
    assert!(line["Elapsed"].is_f64());
    let timestamp = line["timestamp"].as_str().unwrap();
    let parsed = time::OffsetDateTime::parse(timestamp, &time::format_description::well_known::Rfc3339);
    assert!((time::OffsetDateTime::now_utc() - parsed.unwrap()).abs() < time::Duration::minutes(5));
}

#[test]
fn fields_of_spans_are_added_and_those_of_the_event_win() {
    let lines = json(|| {
        let outer = tracing::info_span!(
            "request",
            RequestId = "0199",
            StatusCode = 0,
            Late = tracing::field::Empty
        );
        outer.record("Late", "yes");
        let _outer = outer.enter();
        let _inner = tracing::info_span!("attempt", number = 2).entered();
        tracing::warn!(StatusCode = 503, "refused");
    });
    assert_eq!(lines[0]["RequestId"], "0199");
    assert_eq!(lines[0]["Late"], "yes");
    assert_eq!(lines[0]["number"], 2);
    assert_eq!(lines[0]["StatusCode"], 503);
}

#[test]
fn odd_values_keep_the_line_valid() {
    let error = super::Error::Writer {
        source: io::Error::other("no threads left"),
    };
    let lines = json(|| {
        tracing::info!(
            ratio = f64::NAN,
            huge = u128::MAX,
            negative = -1,
            level = "mine",
            error = &error as &dyn std::error::Error,
            list = ?["a", "b"],
            "{}", "formatted"
        );
    });
    assert_eq!(lines[0]["ratio"], Value::Null);
    assert_eq!(lines[0]["negative"], -1);
    assert_eq!(
        (&lines[0]["level"], &lines[0]["level_"]),
        (&Value::from("INFO"), &Value::from("mine"))
    );
    assert_eq!(lines[0]["error"], "cannot start the log writer: no threads left");
    assert_eq!(lines[0]["list"], "[\"a\", \"b\"]");
    assert_eq!(lines[0]["message"], "formatted");
}

#[test_case("warn", 1)]
#[test_case("info", 2)]
#[test_case("warn,runtime::telemetry=debug", 3)]
#[test_case("off", 0)]
fn the_filter_decides(filter: &str, count: usize) {
    let log = || {
        tracing::debug!("one");
        tracing::info!("two");
        tracing::warn!("three");
    };
    assert_eq!(
        logged(&settings(Format::Json, filter), false, log)
            .lines()
            .count(),
        count
    );
}

#[test]
fn a_malformed_filter_is_named() {
    let output = Output::start(Sink::default()).unwrap();
    let error = subscriber(&settings(Format::Json, "proxy=loud"), None, false, output)
        .err()
        .unwrap();
    assert!(matches!(&error, Error::Filter { filter, .. } if filter == "proxy=loud"));
}

#[test]
fn the_environment_counts_when_the_settings_say_nothing() {
    let sink = Sink::default();
    let output = Output::start(sink.clone()).unwrap();
    let subscriber = subscriber(&Settings::default(), Some("debug"), false, output.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, || tracing::debug!("seen"));
    output.close();
    assert!(!sink.0.lock().unwrap().is_empty());
}

#[test_case(Format::Auto, true, true)]
#[test_case(Format::Auto, false, false)]
#[test_case(Format::Json, true, false)]
#[test_case(Format::Human, false, true)]
fn people_get_their_format_on_a_terminal(format: Format, is_terminal: bool, is_human: bool) {
    let text = logged(&settings(format, "info"), is_terminal, || {
        tracing::info!(StatusCode = 200, path = "/a b", "served");
    });
    assert_eq!(serde_json::from_str::<Value>(&text).is_err(), is_human, "{text}");
    assert_eq!(text.contains('\u{1b}'), is_human && is_terminal);
    if is_human && !is_terminal {
        assert!(
            text.ends_with(
                "  INFO served StatusCode=200 path=\"/a b\" HostName=node-1 (runtime::telemetry::tests)\n"
            ),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn nothing_a_client_sends_breaks_a_line(text in any::<String>(), message in "[\\x00-\\xff\u{2028}]{0,30}") {
        for format in [Format::Json, Format::Human] {
            let lines = logged(&settings(format, "info"), false, || {
                tracing::info!(RequestPath = text.as_str(), debug = ?text, display = %text, "{message}");
            });
            prop_assert_eq!(lines.matches('\n').count(), 1);
            let hostile = |character: char| character != '\n' && (character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'));
            prop_assert!(!lines.contains(hostile), "{:?}", lines);
            if format == Format::Json {
                let line: Value = serde_json::from_str(&lines).unwrap();
                prop_assert_eq!(line["RequestPath"].as_str(), Some(text.as_str()));
                prop_assert_eq!(line["message"].as_str(), Some(message.as_str()));
            }
        }
    }
}
