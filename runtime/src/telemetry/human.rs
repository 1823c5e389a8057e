//! A log line for people.

use std::fmt::Write;

use tracing::Level;

use super::{
    json::rfc3339,
    lines::{Fields, Parts, Value},
};

const RESET: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";

pub(super) fn constant(fields: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, content) in fields {
        text.push(' ');
        escaped(&mut text, name);
        text.push('=');
        quoted(&mut text, content);
    }
    text
}

pub(super) fn write(line: &mut String, parts: &Parts<'_>, is_coloured: bool) {
    let (level_colour, dim, reset) = if is_coloured {
        (colour(*parts.level), DIM, RESET)
    } else {
        ("", "", "")
    };
    line.push_str(dim);
    rfc3339(line, parts.time);
    // Writing to a String does not fail.
    let _written = write!(line, "{reset} {level_colour}{:>5}{reset} ", parts.level.as_str());
    let message = parts.fields.0.iter().find(|(name, _)| *name == "message");
    match message {
        Some((_, Value::Text(message))) => escaped(line, message),
        Some((_, message)) => value(line, message),
        None => {}
    }
    fields(line, parts.fields, dim, reset);
    fields(line, parts.around, dim, reset);
    line.push_str(parts.constant);
    line.push(' ');
    line.push_str(dim);
    line.push('(');
    escaped(line, parts.target);
    line.push(')');
    line.push_str(reset);
    line.push('\n');
}

fn fields(line: &mut String, fields: &Fields, dim: &str, reset: &str) {
    for (name, content) in fields.0.iter().filter(|(name, _)| *name != "message") {
        line.push(' ');
        line.push_str(dim);
        line.push_str(name);
        line.push('=');
        line.push_str(reset);
        value(line, content);
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        _ => "\u{1b}[36m",
    }
}

fn value(line: &mut String, value: &Value) {
    // Writing to a String does not fail.
    let _written = match value {
        Value::Bool(value) => write!(line, "{value}"),
        Value::Signed(value) => write!(line, "{value}"),
        Value::Unsigned(value) => write!(line, "{value}"),
        Value::Float(value) => write!(line, "{value}"),
        Value::Text(value) => {
            quoted(line, value);
            Ok(())
        }
    };
}

/// Text in quotes when a reader could not see where it ends.
fn quoted(line: &mut String, text: &str) {
    if text.is_empty() || text.contains([' ', '"', '=']) {
        line.push('"');
        escaped(line, &text.replace('\\', "\\\\").replace('"', "\\\""));
        line.push('"');
    } else {
        escaped(line, text);
    }
}

/// Text in which nothing ends the line or speaks to the terminal.
fn escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
}
