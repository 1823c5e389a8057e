//! A server of somebody else: streams and consumers of every kind, none of which this repository has ever heard of.

use std::collections::BTreeMap;

use async_nats::Client;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use testbed::nats::Server;
use tokio::task::JoinSet;

use super::consumers;

/// Requests at the same time.
const AT_ONCE: usize = 128;
/// Streams that differ in nothing but their number.
const FLEET: usize = 39;
/// Consumers of all streams together.
pub(super) const CONSUMERS: usize = 2_000;
/// Names with what a server allows in them.
pub(super) const ODD_STREAM: &str = "Bücher_日本_$(reboot)';--";
pub(super) const ODD_CONSUMER: &str = "x\u{1b}[31mred\u{7}`id`%s";

/// The server, and those who listen to its push consumers.
pub(super) struct Bed {
    pub(super) server: Server,
    client: Client,
    _listeners: JoinSet<()>,
    /// How many messages wait for each consumer, by stream and name.
    pub(super) pending: BTreeMap<(String, String), u64>,
}

impl Bed {
    /// All of it, with all messages in their streams.
    pub(super) async fn new() -> Self {
        let server = Server::start().unwrap();
        let client = server.client().await.unwrap();
        let mut listeners = JoinSet::new();
        for subject in consumers::LISTENED {
            let mut messages = client.subscribe(subject).await.unwrap();
            let client = client.clone();
            listeners.spawn(async move {
                while let Some(message) = messages.next().await {
                    if let Some(reply) = message.reply {
                        client.publish(reply, "+ACK".into()).await.unwrap();
                    }
                }
            });
        }
        let mut bed = Bed {
            server,
            client,
            _listeners: listeners,
            pending: BTreeMap::new(),
        };
        bed.create().await;
        bed
    }

    async fn create(&mut self) {
        let fleet = (0..FLEET).map(|number| json!({"name": fleet(number), "subjects": [format!("f{number}.*")], "storage": "memory"}));
        let streams: Vec<Value> = special().into_iter().chain(fleet).collect();
        // What mirrors comes after what is mirrored.
        let (late, early): (Vec<_>, Vec<_>) = streams
            .into_iter()
            .partition(|stream| stream["subjects"].is_null());
        for streams in [early, late] {
            let create = |stream: Value| {
                let verb = format!("STREAM.CREATE.{}", stream["name"].as_str().unwrap());
                self.call(verb, stream)
            };
            at_once(streams.into_iter().map(create)).await;
        }
        at_once(messages().into_iter().map(|subject| self.publish(subject))).await;
        // Nobody says that these have come.
        for _ in 0..3 {
            self.client.publish("noack.x", "x".into()).await.unwrap();
        }
        let all = all_consumers();
        at_once(
            all.iter()
                .map(|(stream, config, _)| self.consumer(stream, config)),
        )
        .await;
        self.pending = all
            .into_iter()
            .map(|(stream, config, pending)| ((stream, config["name"].as_str().unwrap().to_owned()), pending))
            .collect();
        // A stream of interest keeps only what somebody is interested in.
        for subject in ["news.x", "news.x", "news.x", "news.x", "quiet.x"] {
            self.publish(subject.to_owned()).await;
        }
    }

    async fn consumer(&self, stream: &str, config: &Value) {
        let verb = format!("CONSUMER.CREATE.{stream}.{}", config["name"].as_str().unwrap());
        self.call(verb, json!({"stream_name": stream, "config": config}))
            .await;
    }

    async fn publish(&self, subject: String) {
        let answer = self.client.request(subject, "hello".into()).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
        assert!(answer["seq"].is_u64(), "{answer}");
    }

    async fn call(&self, verb: String, body: Value) {
        let answer = self
            .client
            .request(format!("$JS.API.{verb}"), body.to_string().into());
        let answer: Value = serde_json::from_slice(&answer.await.unwrap().payload).unwrap();
        assert_eq!(answer.get("error"), None, "{verb} {body}");
    }
}

fn all_consumers() -> Vec<(String, Value, u64)> {
    let special = consumers::special();
    let rest = CONSUMERS - special.len();
    let fleet =
        (0..rest).map(|number| consumers::of_fleet(&fleet(number % FLEET), number % FLEET, number / FLEET));
    special.into_iter().chain(fleet).collect()
}

async fn at_once(tasks: impl Iterator<Item = impl Future<Output = ()>>) {
    stream::iter(tasks)
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
}

fn fleet(number: usize) -> String {
    format!("FLEET-{number:02}")
}

/// Streams of every kind, as `nats`, its libraries and people make them.
fn special() -> Vec<Value> {
    let bucket = |name: &str, subjects: Value| json!({"name": name, "subjects": subjects, "allow_direct": true, "allow_rollup_hdrs": true, "discard": "new"});
    let mut settings = bucket("KV_settings", json!(["$KV.settings.>"]));
    settings["max_msgs_per_subject"] = 1.into();
    settings["deny_delete"] = true.into();
    vec![
        json!({"name": "ORDERS", "subjects": ["orders.*"], "storage": "file", "allow_direct": true}),
        json!({"name": "MIRROR", "mirror": {"name": "ORDERS"}, "storage": "memory"}),
        json!({"name": "SOURCED", "sources": [{"name": "ORDERS", "filter_subject": "orders.a"}], "storage": "memory"}),
        json!({"name": "JOBS", "subjects": ["jobs.>"], "retention": "workqueue", "storage": "memory"}),
        json!({"name": "NEWS", "subjects": ["news.>"], "retention": "interest", "storage": "memory"}),
        json!({"name": "QUIET", "subjects": ["quiet.>"], "retention": "interest", "storage": "memory"}),
        json!({"name": "NOACK", "subjects": ["noack.>"], "no_ack": true, "storage": "memory"}),
        json!({"name": "EMPTY", "subjects": ["empty.>"], "storage": "memory", "num_replicas": 1}),
        json!({"name": ODD_STREAM, "subjects": ["odd.ü.*"], "storage": "memory", "description": "a\u{1b}]0;title\u{7}b"}),
        settings,
        bucket("OBJ_pictures", json!(["$O.pictures.C.>", "$O.pictures.M.>"])),
    ]
}

/// Subjects of all messages.
fn messages() -> Vec<String> {
    let mut subjects = Vec::new();
    for (count, subject) in [
        (12, "orders.a"),
        (8, "orders.b"),
        (5, "jobs.x"),
        (2, "odd.ü.x"),
        (2, "$KV.settings.colour"),
        (2, "$KV.settings.size"),
        (1, "$KV.settings.shape"),
        (4, "$O.pictures.C.cat"),
        (1, "$O.pictures.M.cat"),
    ] {
        subjects.extend(std::iter::repeat_n(subject.to_owned(), count));
    }
    for number in 0..FLEET {
        subjects.extend(["a", "a", "b"].map(|part| format!("f{number}.{part}")));
    }
    subjects
}
