//! Consumers of every kind, as `nats`, its libraries and people make them.

use serde_json::{Value, json};

use super::bed::{ODD_CONSUMER, ODD_STREAM};

/// Where somebody listens.
pub(super) const LISTENED: [&str; 3] = ["deliver.bound", "deliver.ordered", "deliver.watcher"];
/// An hour: longer than the test.
const HOUR: u64 = 3_600_000_000_000;

/// Stream, configuration, and how many messages wait for it.
type Consumer = (String, Value, u64);

/// One of each kind.
pub(super) fn special() -> Vec<Consumer> {
    let all = [
        pull(
            "ORDERS",
            "two-filters",
            20,
            &json!({"filter_subjects": ["orders.a", "orders.b"]}),
        ),
        pull("ORDERS", "only-b", 8, &json!({"filter_subject": "orders.b"})),
        pull(
            "ORDERS",
            "paused",
            20,
            &json!({"pause_until": "2099-01-01T00:00:00Z"}),
        ),
        push("ORDERS", "bound-push", 0, "deliver.bound"),
        push("ORDERS", "lonely-push", 20, "deliver.lonely"),
        ordered("ORDERS", "ordered", 0, "deliver.ordered"),
        ordered("ORDERS", "ordered-left", 20, "deliver.nobody"),
        ephemeral("ORDERS", "ephemeral", 20),
        pull("MIRROR", "of-the-mirror", 20, &json!({})),
        pull("SOURCED", "of-the-source", 12, &json!({})),
        pull("JOBS", "jobs", 5, &json!({})),
        pull("NEWS", "news", 4, &json!({})),
        pull("NOACK", "noack", 3, &json!({})),
        ordered("KV_settings", "watcher", 0, "deliver.watcher"),
        pull(ODD_STREAM, ODD_CONSUMER, 2, &json!({"description": "\u{1b}[2J"})),
        pull(ODD_STREAM, &"long-".repeat(40), 2, &json!({})),
    ];
    all.into()
}

/// One of many: every fourth is ephemeral, and they take all, two or one of the three messages.
pub(super) fn of_fleet(stream: &str, place: usize, number: usize) -> Consumer {
    let name = format!("worker-{number:02}");
    let policy = ["explicit", "all", "none"][number % 3];
    let mut consumer = if number % 4 == 3 {
        ephemeral(stream, &name, 3)
    } else {
        pull(stream, &name, 3, &json!({}))
    };
    consumer.1["ack_policy"] = policy.into();
    let (filter, pending) = [(None, 3), (Some("a"), 2), (Some("b"), 1)][number % 5 % 3];
    if let Some(filter) = filter {
        consumer.1["filter_subject"] = format!("f{place}.{filter}").into();
    }
    (consumer.0, consumer.1, pending)
}

fn pull(stream: &str, name: &str, pending: u64, more: &Value) -> Consumer {
    let mut config = json!({"name": name, "durable_name": name, "ack_policy": "explicit"});
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    (stream.to_owned(), config, pending)
}

fn push(stream: &str, name: &str, pending: u64, to: &str) -> Consumer {
    pull(stream, name, pending, &json!({"deliver_subject": to}))
}

fn ephemeral(stream: &str, name: &str, pending: u64) -> Consumer {
    let config = json!({"name": name, "ack_policy": "explicit", "inactive_threshold": HOUR});
    (stream.to_owned(), config, pending)
}

/// As libraries make them for a watch or an ordered subscription.
fn ordered(stream: &str, name: &str, pending: u64, to: &str) -> Consumer {
    let (stream, mut config, pending) = ephemeral(stream, name, pending);
    config["ack_policy"] = "none".into();
    config["deliver_subject"] = to.into();
    config["flow_control"] = true.into();
    config["idle_heartbeat"] = 5_000_000_000_u64.into();
    config["mem_storage"] = true.into();
    config["num_replicas"] = 1.into();
    config["max_deliver"] = 1.into();
    (stream, config, pending)
}
