//! Differences between definitions and a server, in words.

use std::time::Duration;

use platform::streams::{Difference, FieldChange, Resource, Verdict};
use serde_json::Value;

use crate::ui::{Paint, Tint, amount};

/// The fields of the JetStream API that hold a time span in nanoseconds, alone or in a list.
const TIME_SPANS: [&str; 9] = [
    "ack_wait",
    "backoff",
    "duplicate_window",
    "idle_heartbeat",
    "inactive_threshold",
    "max_age",
    "max_expires",
    "priority_timeout",
    "subject_delete_marker_ttl",
];

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Streams and consumers that are defined.
    pub(crate) defined: usize,
    /// Those of them that are missing on the server or different there.
    pub(crate) differing: usize,
    /// Those of the differing that only deletion could change.
    pub(crate) immutable: usize,
}

/// Counts what a comparison found. What only the server has is no difference: other systems may live there too.
pub(crate) fn count(differences: &[Difference]) -> Count {
    let mut count = Count::default();
    for difference in differences {
        let (defined, differs, immutable) = match difference.verdict {
            Verdict::Orphan => (0, 0, 0),
            Verdict::Same => (1, 0, 0),
            Verdict::Create | Verdict::Update { .. } => (1, 1, 0),
            Verdict::Immutable { .. } => (1, 1, 1),
        };
        count.defined += defined;
        count.differing += differs;
        count.immutable += immutable;
    }
    count
}

/// What differs, one line a field; nothing for what is the same.
pub(crate) fn text(differences: &[Difference], paint: Paint) -> String {
    let mut lines = Vec::new();
    for Difference { resource, verdict } in differences {
        let name = paint.strong(&name(resource));
        let mut say = |tint, words: &str| lines.push(format!("{name}: {}\n", paint.tint(tint, words)));
        match verdict {
            Verdict::Same => {}
            Verdict::Create => say(Tint::Green, "not on the server"),
            Verdict::Update { changes } => {
                for field in changes {
                    say(Tint::Yellow, &change(field));
                }
            }
            Verdict::Immutable { changes } => {
                for field in changes {
                    say(Tint::Yellow, &change(field));
                }
                say(
                    Tint::Red,
                    "cannot be changed on the server; only deleting and creating it anew helps",
                );
            }
            Verdict::Orphan => say(Tint::Blue, "not defined here, left alone"),
        }
    }
    lines.concat()
}

/// What was done, one line a stream or consumer that was not as defined.
pub(crate) fn done(differences: &[Difference], paint: Paint) -> String {
    let mut lines = Vec::new();
    for Difference { resource, verdict } in differences {
        let name = name(resource);
        match verdict {
            Verdict::Create => lines.push(format!("{} {name}\n", paint.tint(Tint::Green, "created"))),
            Verdict::Update { changes } => {
                let changes: Vec<String> = changes.iter().map(change).collect();
                let changes = changes.join(", ");
                lines.push(format!(
                    "{} {name}: {changes}\n",
                    paint.tint(Tint::Yellow, "updated")
                ));
            }
            Verdict::Same | Verdict::Immutable { .. } | Verdict::Orphan => {}
        }
    }
    lines.concat()
}

fn name(resource: &Resource) -> String {
    match resource {
        Resource::Stream { name } => format!("stream {name}"),
        Resource::Consumer { stream, name } => format!("consumer {name} of {stream}"),
    }
}

/// `max_age 2m -> 1m`.
fn change(change: &FieldChange) -> String {
    let FieldChange { field, from, to } = change;
    format!("{field} {} -> {}", value(field, from), value(field, to))
}

fn value(field: &str, value: &Value) -> String {
    let is_time_span = TIME_SPANS.contains(&field.rsplit('.').next().unwrap_or(field));
    match value {
        Value::Null => "(unset)".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) => match number.as_u64() {
            Some(nanoseconds) if is_time_span => amount::span(Duration::from_nanos(nanoseconds)),
            _ => number.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| self::value(field, item)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn found() -> Vec<Difference> {
        let stream = |name: &str| Resource::Stream {
            name: name.to_owned(),
        };
        let field = |field: &str, from: Value, to: Value| FieldChange {
            field: field.to_owned(),
            from,
            to,
        };
        let age = field("max_age", json!(120_000_000_000_u64), json!(60_000_000_000_u64));
        let subjects = field("subjects", json!(["a.>"]), json!(["a.>", "b.>"]));
        let retention = field("retention", json!("limits"), json!("workqueue"));
        let worker = Resource::Consumer {
            stream: "REQUESTS".to_owned(),
            name: "worker".to_owned(),
        };
        vec![
            Difference {
                resource: stream("REQUESTS"),
                verdict: Verdict::Update {
                    changes: vec![age, subjects],
                },
            },
            Difference {
                resource: worker,
                verdict: Verdict::Create,
            },
            Difference {
                resource: stream("EVENTS"),
                verdict: Verdict::Same,
            },
            Difference {
                resource: stream("DEAD"),
                verdict: Verdict::Immutable {
                    changes: vec![retention],
                },
            },
            Difference {
                resource: stream("OTHER"),
                verdict: Verdict::Orphan,
            },
        ]
    }

    #[test]
    fn every_field_that_differs_has_its_line() {
        insta::assert_snapshot!(text(&found(), Paint::new(false)), @"
        stream REQUESTS: max_age 2m -> 1m
        stream REQUESTS: subjects [a.>] -> [a.>, b.>]
        consumer worker of REQUESTS: not on the server
        stream DEAD: retention limits -> workqueue
        stream DEAD: cannot be changed on the server; only deleting and creating it anew helps
        stream OTHER: not defined here, left alone
        ");
    }

    #[test]
    fn what_was_done_is_one_line_each() {
        insta::assert_snapshot!(done(&found(), Paint::new(false)), @"
        updated stream REQUESTS: max_age 2m -> 1m, subjects [a.>] -> [a.>, b.>]
        created consumer worker of REQUESTS
        ");
    }

    #[test]
    fn what_only_the_server_has_is_no_difference() {
        assert_eq!(
            count(&found()),
            Count {
                defined: 4,
                differing: 3,
                immutable: 1
            }
        );
    }

    #[test_case("backoff", &json!([1_000_000_000, 5_000_000_000_u64]) => "[1s, 5s]"; "a list of time spans")]
    #[test_case("max_bytes", &json!(1024) => "1024"; "a number")]
    #[test_case("description", &json!("") => "\"\""; "an empty text")]
    #[test_case("placement.cluster", &json!(null) => "(unset)"; "nothing")]
    #[test_case("allow_direct", &json!(true) => "true"; "a switch")]
    fn shown(field: &str, json: &Value) -> String {
        value(field, json)
    }
}
