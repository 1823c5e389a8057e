//! A log line as one JSON object.

use std::fmt::Write;

use time::OffsetDateTime;

use super::lines::{Parts, Value};

/// Names the line itself uses; a field so named gets an underscore.
const OWN: [&str; 3] = ["timestamp", "level", "target"];

pub(super) fn constant(fields: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        text.push(',');
        string(&mut text, name);
        text.push(':');
        string(&mut text, value);
    }
    text
}

pub(super) fn write(line: &mut String, parts: &Parts<'_>) {
    line.push_str("{\"timestamp\":\"");
    rfc3339(line, parts.time);
    line.push_str("\",\"level\":\"");
    line.push_str(parts.level.as_str());
    line.push_str("\",\"target\":");
    string(line, parts.target);
    line.push_str(parts.constant);
    if let Some((_, message)) = parts.fields.0.iter().find(|(name, _)| *name == "message") {
        line.push_str(",\"message\":");
        value(line, message);
    }
    let fields = parts.fields.0.iter().filter(|(name, _)| *name != "message");
    for (name, content) in fields.chain(parts.around.0.iter().filter(|(name, _)| *name != "message")) {
        line.push(',');
        if OWN.contains(name) {
            string(line, &format!("{name}_"));
        } else {
            string(line, name);
        }
        line.push(':');
        value(line, content);
    }
    line.push_str("}\n");
}

pub(super) fn rfc3339(line: &mut String, time: OffsetDateTime) {
    let (date, clock) = (time.date(), time.time());
    // Writing to a String does not fail.
    let _written = write!(
        line,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.microsecond(),
    );
}

fn value(line: &mut String, value: &Value) {
    // Writing to a String does not fail.
    let _written = match value {
        Value::Bool(value) => write!(line, "{value}"),
        Value::Signed(value) => write!(line, "{value}"),
        Value::Unsigned(value) => write!(line, "{value}"),
        Value::Float(value) if value.is_finite() => write!(line, "{value:?}"),
        Value::Float(_) => line.write_str("null"),
        Value::Text(value) => {
            string(line, value);
            Ok(())
        }
    };
}

/// A JSON string; all control characters are escaped, those of C1 and the Unicode line ends too, which some readers obey.
fn string(line: &mut String, text: &str) {
    line.push('"');
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let is_plain = !matches!(character, '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}');
        if is_plain {
            continue;
        }
        line.push_str(&text[plain..at]);
        plain = at + character.len_utf8();
        // Writing to a String does not fail.
        let _written = match character {
            '"' => line.write_str("\\\""),
            '\\' => line.write_str("\\\\"),
            '\n' => line.write_str("\\n"),
            '\r' => line.write_str("\\r"),
            '\t' => line.write_str("\\t"),
            other => write!(line, "\\u{:04x}", u32::from(other)),
        };
    }
    line.push_str(&text[plain..]);
    line.push('"');
}
