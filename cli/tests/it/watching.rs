//! `ratectl top` in front of a real nats-server to which things happen.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use testbed::nats::Server;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::environment::Environment;
use crate::processes::eventually;
use crate::pty::Terminal;

/// A server, what is done to it, and a place to look at it from.
struct Scene {
    runtime: Runtime,
    server: Server,
    environment: Environment,
}

impl Scene {
    fn new() -> Self {
        Self {
            runtime: Runtime::new().unwrap(),
            server: Server::start().unwrap(),
            environment: Environment::new(),
        }
    }

    fn api(&self, verb: &str, body: &Value) {
        let answer = self.runtime.block_on(self.server.jetstream(verb, body)).unwrap();
        assert_eq!(answer.get("error"), None, "{verb}");
    }

    /// A stream of that name, with a consumer `reader`, and so many messages in it.
    fn stream(&self, name: &'static str, stream: Value, consumer: Value, messages: usize) {
        let config = json!({"name": name, "subjects": [name]});
        self.api(&format!("STREAM.CREATE.{name}"), &merged(config, stream));
        let config = json!({"durable_name": "reader", "ack_policy": "explicit"});
        let request = json!({"stream_name": name, "config": merged(config, consumer)});
        self.api(&format!("CONSUMER.CREATE.{name}.reader"), &request);
        self.publish(name, messages);
    }

    fn publish(&self, subject: &'static str, messages: usize) {
        self.runtime.block_on(async {
            let client = self.server.client().await.unwrap();
            for _ in 0..messages {
                client.request(subject, "an order".into()).await.unwrap();
            }
        });
    }

    /// Takes and acknowledges what there is in `ORDERS`, one by one, until aborted.
    fn worker(&self) -> JoinHandle<()> {
        let client = self.runtime.block_on(self.server.client()).unwrap();
        let request = json!({"batch": 1, "expires": Duration::from_secs(20).as_nanos()}).to_string();
        let subject = "$JS.API.CONSUMER.MSG.NEXT.ORDERS.reader";
        self.runtime.spawn(async move {
            loop {
                let inbox = client.new_inbox();
                let mut answers = client.subscribe(inbox.clone()).await.unwrap();
                let ask = client.publish_with_reply(subject, inbox, request.clone().into());
                ask.await.unwrap();
                // None comes when the server goes away.
                let answer = tokio::time::timeout(Duration::from_secs(5), answers.next()).await;
                let Ok(Some(answer)) = answer else { continue };
                if let Some(reply) = answer.reply.filter(|_| answer.status.is_none()) {
                    client.publish(reply, "+ACK".into()).await.unwrap();
                }
            }
        })
    }

    fn is_left_alone(&self) -> bool {
        let verb = "CONSUMER.INFO.ORDERS.reader";
        let info = self
            .runtime
            .block_on(self.server.jetstream(verb, &Value::Null))
            .unwrap();
        info["num_waiting"] == 0
    }

    fn top(&self, args: &[&str]) -> crate::environment::Ended {
        let url = self.server.url();
        let mut all = vec!["top", "--nats", url.as_str()];
        all.extend(args);
        self.environment.run(&all)
    }

    fn report(&self) -> Value {
        let ended = self.top(&["--once", "-o", "json"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        serde_json::from_str(&ended.stdout).unwrap()
    }
}

fn merged(mut config: Value, settings: Value) -> Value {
    if let (Value::Object(config), Value::Object(settings)) = (&mut config, settings) {
        config.extend(settings);
    }
    config
}

/// Name, state and severity of all rows of a table.
fn states<'a>(report: &'a Value, table: &str, name: &str) -> Vec<[&'a str; 3]> {
    let rows = report[table].as_array().unwrap().iter();
    rows.map(|row| [&row[name], &row["state"], &row["severity"]].map(|field| field.as_str().unwrap()))
        .collect()
}

#[test]
fn one_look_tells_what_is_wrong_and_what_helps_and_a_check_fails_by_it() {
    let scene = Scene::new();
    scene.stream("PUSHED", json!({}), json!({"deliver_subject": "nobody"}), 3);
    scene.stream("FULL", json!({"max_msgs": 10, "discard": "new"}), json!({}), 10);
    let paused = json!({"pause_until": "2999-01-01T00:00:00Z"});
    scene.stream("PAUSED", json!({}), paused, 3);
    let report = scene.report();
    assert_eq!(
        states(&report, "consumers", "stream"),
        [
            ["FULL", "OK", "ok"],
            ["PAUSED", "PAUSED", "info"],
            ["PUSHED", "NO-CONSUMER", "crit"]
        ]
    );
    assert_eq!(
        states(&report, "streams", "stream"),
        [
            ["FULL", "FULL", "crit"],
            ["PAUSED", "OK", "ok"],
            ["PUSHED", "OK", "ok"]
        ]
    );
    let pushed = &report["consumers"][2];
    assert_eq!(pushed["command"], "nats consumer info PUSHED reader");
    assert_eq!(pushed["reason"], "3 messages wait and nobody listens on nobody");
    assert_eq!(scene.top(&["--fail-on", "crit"]).code, Some(2));
    scene.api("CONSUMER.DELETE.PUSHED.reader", &Value::Null);
    scene.api("STREAM.PURGE.FULL", &Value::Null);
    assert_eq!(scene.top(&["--fail-on", "crit"]).code, Some(0));
}

#[test]
fn the_screen_says_that_the_worker_is_gone_and_that_it_is_back_and_that_the_server_is_away() {
    let mut scene = Scene::new();
    scene.stream("ORDERS", json!({"retention": "workqueue"}), json!({}), 0);
    let worker = scene.worker();
    let url = scene.server.url();
    let args = ["top", "--nats", url.as_str(), "--screen", "consumers"];
    let mut terminal = Terminal::start(&scene.environment.command(&args), (120, 30));
    scene.publish("ORDERS", 5);
    terminal.wait_for("nothing waits");
    worker.abort();
    eventually("nobody asks any more", || scene.is_left_alone().then_some(()));
    scene.publish("ORDERS", 20);
    terminal.wait_for("NO-CONSUMER");
    terminal.wait_for("nobody has asked");
    let _worker = scene.worker();
    terminal.wait_for("nothing waits");
    scene.server.kill().unwrap();
    terminal.wait_for("reconnecting");
    terminal.wait_for("STALE");
    scene.server.restart().unwrap();
    terminal.wait_for("nothing waits");
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
}
