//! What a running system says, one line each: logs of components, and what becomes of them.

use platform::plain_line::plain_line;
use serde::Serialize;
use serde_json::{Map, Value};

use super::structured::readable;
use crate::{
    board::Health,
    ui::{Paint, Report, Tint},
};

/// The name under which ratectl itself speaks.
pub(super) const OWN_NAME: &str = "ratectl";

/// Tells components apart on a coloured terminal. Red stays for errors.
const NAME_TINTS: [Tint; 5] = [Tint::Cyan, Tint::Magenta, Tint::Yellow, Tint::Green, Tint::Blue];

/// One thing said while the system runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(super) enum Line {
    /// A line a component wrote.
    Log {
        /// Who wrote it.
        component: String,
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// The line, without its end.
        line: String,
        /// What a part in this process logged besides its message.
        #[serde(skip_serializing_if = "Map::is_empty")]
        fields: Map<String, Value>,
    },
    /// A component changed its state.
    Component {
        /// Which one.
        component: String,
        /// What it is now.
        health: Health,
        /// The rest, for people.
        message: String,
    },
    /// Something about the system as a whole.
    Status {
        /// A sentence.
        message: String,
    },
    /// Something a person should look at.
    Warning {
        /// A sentence.
        message: String,
    },
}

/// How wide the column of names is, and which colour each has.
#[derive(Clone, Debug)]
pub(super) struct Margin {
    names: Vec<String>,
    width: usize,
}

impl Margin {
    /// A margin for these components, in the order of their colours.
    pub(super) fn new(names: Vec<String>) -> Self {
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0)
            .max(OWN_NAME.len());
        Margin { names, width }
    }

    fn label(&self, name: &str, paint: Paint) -> String {
        let padded = format!("{name:<width$} |", width = self.width);
        match self.names.iter().position(|known| known == name) {
            Some(at) => paint.tint(NAME_TINTS[at % NAME_TINTS.len()], &padded),
            None => paint.dim(&padded),
        }
    }
}

/// A line within its margin, as shown.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    #[serde(flatten)]
    pub(super) line: &'a Line,
    #[serde(skip)]
    pub(super) margin: &'a Margin,
}

impl Report for Shown<'_> {
    fn text(&self, paint: Paint) -> String {
        let own = |words: &str| format!("{} {words}\n", self.margin.label(OWN_NAME, paint));
        match self.line {
            Line::Log { component, line, .. } => {
                let line = readable(line).map_or_else(|| plain_line(line), |line| plain_line(&line));
                format!(
                    "{} {line}
",
                    self.margin.label(component, paint)
                )
            }
            Line::Component {
                component,
                health,
                message,
            } => {
                let tint = match health {
                    Health::Ready => Tint::Green,
                    Health::Failed => Tint::Red,
                    Health::Starting
                    | Health::Unready
                    | Health::Restarting
                    | Health::Stopped
                    | Health::Unbuilt => Tint::Yellow,
                };
                let rest = if message.is_empty() {
                    String::new()
                } else {
                    format!(": {}", plain_line(message))
                };
                own(&format!(
                    "{component} {}{rest}",
                    paint.tint(tint, health.predicate())
                ))
            }
            Line::Status { message } => own(&plain_line(message)),
            Line::Warning { message } => own(&format!(
                "{} {}",
                paint.bold(Tint::Yellow, "warning:"),
                plain_line(message)
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(line: &str) -> Line {
        Line::Log {
            component: "worker".to_owned(),
            stream: "stderr",
            line: line.to_owned(),
            fields: Map::new(),
        }
    }

    fn text(line: &Line, paint: Paint) -> String {
        let margin = Margin::new(vec!["worker".to_owned(), "http-to-nats-proxy".to_owned()]);
        Shown {
            line,
            margin: &margin,
        }
        .text(paint)
    }

    #[test]
    fn names_line_up() {
        assert_eq!(
            text(&log("hello"), Paint::new(false)),
            "worker             | hello\n"
        );
        let ready = Line::Component {
            component: "worker".to_owned(),
            health: Health::Ready,
            message: "after 0.2 s".to_owned(),
        };
        assert_eq!(
            text(&ready, Paint::new(false)),
            "ratectl            | worker is ready: after 0.2 s\n"
        );
    }

    #[test]
    fn a_log_line_cannot_act_on_the_terminal() {
        assert_eq!(
            text(&log("\u{1b}[2Jboo\r"), Paint::new(false)),
            "worker             | boo\\u{d}\n"
        );
    }

    #[test]
    fn only_the_margin_is_coloured() {
        assert_eq!(
            text(&log("hi"), Paint::new(true)),
            "\u{1b}[36mworker             |\u{1b}[0m hi\n"
        );
    }

    #[test]
    fn json_keeps_the_line_as_it_was() {
        let line = log("\u{1b}[31mred");
        let margin = Margin::new(Vec::new());
        let json = serde_json::to_value(Shown {
            line: &line,
            margin: &margin,
        })
        .unwrap();
        assert_eq!(
            json,
            serde_json::json!({"type": "log", "component": "worker", "stream": "stderr", "line": "\u{1b}[31mred"})
        );
    }
}
