//! Structured log entries as sentences: what most services write as one JSON object a line, a person reads as words.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Where loggers put the words, the weight, and what a person at a terminal needs least.
const MESSAGE: [&str; 2] = ["message", "msg"];
const LEVEL: [&str; 3] = ["level", "severity", "lvl"];
const LEFT_OUT: [&str; 6] = ["timestamp", "@timestamp", "time", "ts", "target", "logger"];

/// A line that is a log entry in JSON, as a sentence; `None` for any other line.
pub(super) fn readable(line: &str) -> Option<String> {
    if !line.starts_with('{') {
        return None;
    }
    let mut entry: Map<String, Value> = serde_json::from_str(line).ok()?;
    let message = take(&mut entry, &MESSAGE)?;
    let level = take(&mut entry, &LEVEL).unwrap_or_default();
    for name in LEFT_OUT {
        entry.remove(name);
    }
    Some(sentence(&level, &message, &entry))
}

/// `WARN not ready check=nats`; the usual level, INFO, goes without saying. A request reads as one does.
pub(super) fn sentence(level: &str, message: &str, fields: &Map<String, Value>) -> String {
    let level = level.to_ascii_uppercase();
    let mut sentence = if level.is_empty() || level == "INFO" {
        String::new()
    } else {
        format!("{level} ")
    };
    if let Some(request) = request(fields) {
        return sentence + &request;
    }
    sentence += message;
    for (name, value) in fields {
        let _ = match value {
            Value::Null => Ok(()),
            Value::String(text) => write!(sentence, " {name}={text}"),
            other => write!(sentence, " {name}={other}"),
        };
    }
    sentence
}

/// `GET /users 200 3.1 ms`, with the reason if it failed.
fn request(fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (method, path) = (text("RequestMethod")?, text("RequestPath")?);
    let status = fields.get("StatusCode")?.as_u64()?;
    let elapsed = fields.get("Elapsed")?.as_f64()?;
    let reason = text("Reason")
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    Some(format!("{method} {path} {status} {elapsed:.1} ms{reason}"))
}

fn take(entry: &mut Map<String, Value>, names: &[&str]) -> Option<String> {
    let name = names
        .iter()
        .find(|name| entry.get(**name).is_some_and(Value::is_string))?;
    match entry.remove(*name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(
        r#"{"timestamp":"2026-11-22T04:46:00Z","level":"WARN","target":"a::b","message":"not ready","check":"relay","n":2}"#
        => Some("WARN not ready check=relay n=2".to_owned()); "an entry of a Rust service")]
    #[test_case(
        r#"{"time":"2026-11-22T04:46:00Z","level":"INFO","msg":"started","port":80}"#
        => Some("started port=80".to_owned()); "an entry of a Go service")]
    #[test_case(
        r#"{"level":"ERROR","message":"request","RequestMethod":"GET","RequestPath":"/a","StatusCode":503,"Elapsed":1.26,"Reason":"full"}"#
        => Some("ERROR GET /a 503 1.3 ms: full".to_owned()); "a request")]
    #[test_case(r#"{"items":[]}"# => None; "JSON that is no log entry")]
    #[test_case("{not json" => None; "not JSON")]
    #[test_case("plain" => None; "plain text")]
    fn words(line: &str) -> Option<String> {
        readable(line)
    }
}
