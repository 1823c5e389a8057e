//! Questions about an instance, asked over a real nats-server.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Message};
use bytes::Bytes;
use contract::subject::Codec;
use futures_util::{FutureExt as _, StreamExt as _};
use runtime::nats::{self, Settings};
use runtime::service::{Consumes, Ended, Endpoint, Instance, Routes};
use runtime::worker::Worker;
use serde_json::Value;
use testbed::nats::Server;
use tokio::task::JoinHandle;

use crate::worker::fixture::{self, Proxy, Running, echo, within};

/// An instance that answers on `url`.
async fn start(url: &str, routes: Arc<Routes>) -> (String, JoinHandle<()>) {
    let settings = Settings {
        urls: vec![url.to_owned()],
        ..Settings::default()
    };
    let connection = nats::connect(&settings).await.unwrap();
    let instance = Instance::of_this_process("a-service", "1.2.3", "does it");
    let id = instance.id().to_owned();
    let count = move || Endpoint {
        name: "requests".to_owned(),
        head: "api.".to_owned(),
        consumes: Some(Consumes {
            stream: "REQUESTS".to_owned(),
            consumer: "worker".to_owned(),
        }),
        concurrency: 8,
        routes: routes.totals(),
    };
    (id, tokio::spawn(instance.answer(connection, count)))
}

/// The answer to one question, once somebody listens.
async fn ask(client: &Client, subject: &str) -> Value {
    let answer = async {
        loop {
            let request = client.request(subject.to_owned(), Bytes::new());
            match tokio::time::timeout(Duration::from_secs(1), request).await {
                Ok(Ok(answer)) => return answer,
                // Nobody listens yet.
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let answer: Message = within("an answer", answer).await;
    serde_json::from_slice(&answer.payload).unwrap()
}

#[tokio::test]
async fn each_instance_answers_each_question_about_all_its_kind_and_itself() {
    let server = Server::start().unwrap();
    let client = server.client().await.unwrap();
    let routes = Arc::new(Routes::default());
    routes.of("api.get.users", 1).count(Ended::Ok);
    let (id, _one) = start(&server.url(), Arc::clone(&routes)).await;
    let (_, _other) = start(&server.url(), routes).await;
    for (verb, kind) in [
        ("PING", "ping_response"),
        ("INFO", "info_response"),
        ("STATS", "stats_response"),
    ] {
        let own = ask(&client, &format!("$SRV.{verb}.a-service.{id}")).await;
        assert_eq!(own["type"], format!("io.nats.micro.v1.{kind}"));
        assert_eq!(
            (&own["id"], &own["name"]),
            (&Value::from(id.as_str()), &Value::from("a-service"))
        );
        assert_eq!(own["metadata"]["pid"], std::process::id().to_string());
    }
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    for subject in ["$SRV.STATS", "$SRV.STATS.a-service"] {
        let mut ids = std::collections::BTreeSet::new();
        client
            .publish_with_reply(subject, inbox.clone(), Bytes::new())
            .await
            .unwrap();
        while ids.len() < 2 {
            let answer = within("an answer of each", answers.next()).await.unwrap();
            let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
            assert_eq!(answer["endpoints"][0]["num_requests"], 1);
            ids.insert(answer["id"].to_string());
        }
    }
}

#[tokio::test]
async fn only_inboxes_are_answered() {
    let server = Server::start().unwrap();
    let client = server.client().await.unwrap();
    let mut elsewhere = client.subscribe("api.post.users").await.unwrap();
    let (id, _instance) = start(&server.url(), Arc::default()).await;
    let question = format!("$SRV.PING.a-service.{id}");
    ask(&client, &question).await;
    client
        .publish_with_reply(question.clone(), "api.post.users", Bytes::new())
        .await
        .unwrap();
    // Answers come in the order of the questions.
    ask(&client, &question).await;
    client.flush().await.unwrap();
    assert!(elsewhere.next().now_or_never().is_none());
}

#[tokio::test]
async fn a_worker_counts_its_requests_by_route_with_the_parts_of_their_time() {
    let server = fixture::server().await;
    let connection = nats::connect(&Settings {
        urls: vec![server.url()],
        ..Settings::default()
    })
    .await
    .unwrap();
    let worker = Worker::new(
        connection,
        Codec::new("api").unwrap(),
        fixture::settings(),
        echo(),
    )
    .unwrap();
    let routes = worker.routes();
    let running = Running::of(worker);
    let (_, _instance) = start(&server.url(), routes).await;
    let mut proxy = Proxy::connect(&server).await;
    for id in 0..3 {
        let (path, second) = (format!("/users/{id}"), Duration::from_secs(20));
        proxy
            .send(contract::envelope::Version::V2, &path, "{}", second)
            .await;
        proxy.answer().await;
    }
    proxy.queue_is_empty().await;
    let counted = async {
        loop {
            let stats = ask(&proxy.client, "$SRV.STATS.a-service").await;
            if stats["endpoints"][0]["num_requests"] == 3 {
                return stats;
            }
        }
    };
    let stats = within("the count of all", counted).await;
    let route = &stats["endpoints"][0]["data"]["routes"]["post.users.*"];
    assert_eq!(
        (&route["ok"], &route["inflight"]),
        (&Value::from(3), &Value::from(0)),
        "{stats}"
    );
    for phase in ["queue", "work", "answer"] {
        let histogram = &route["phases"][phase];
        let buckets = histogram["b"].as_array().unwrap().iter();
        let counted = buckets.map(|bucket| bucket[1].as_u64().unwrap()).sum::<u64>()
            + histogram["zero"].as_u64().unwrap();
        assert_eq!(counted, 3, "{phase} in {stats}");
    }
    running.stop().await;
}
