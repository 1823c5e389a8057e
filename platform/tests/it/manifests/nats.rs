//! The NATS servers' configuration: what production demands of it, and what each of its users may do.

use std::path::Path;

use async_nats::client::RequestErrorKind;
use futures_util::StreamExt as _;
use platform::manifest::Object;
use platform::streams::{self, JetStream};
use serde_json::json;
use test_case::test_case;
use testbed::nats::Server;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use Act::{Publish, Subscribe};

use super::{object, rendered};

#[derive(Clone, Copy)]
enum Act {
    Publish(&'static str),
    Subscribe(&'static str),
}

async fn of(component: &str, overlay: &str) -> Vec<Object> {
    let wanted = format!("{overlay},traefik");
    let found = rendered()
        .await
        .into_iter()
        .find(|rendered| rendered.component == component && rendered.overlays == wanted);
    found.unwrap().objects
}

fn text<'a>(objects: &'a [Object], kind: &str, name: &str, pointer: &str) -> &'a str {
    object(objects, kind, name)
        .value()
        .pointer(pointer)
        .and_then(serde_json::Value::as_str)
        .unwrap()
}

#[test_case("ha", "preferredDuringSchedulingIgnoredDuringExecution"; "several servers on one machine")]
#[test_case("prod", "requiredDuringSchedulingIgnoredDuringExecution"; "production")]
#[tokio::test]
async fn with_several_servers_nothing_acknowledged_is_lost_with_one(overlay: &str, affinity: &str) {
    let nats = of("nats", overlay).await;
    let configuration = text(&nats, "ConfigMap", "nats", "/data/nats.conf");
    for needed in [
        "sync_interval: always",
        "include cluster.conf",
        "include accounts.conf",
    ] {
        assert!(configuration.contains(needed), "{needed}");
    }
    let servers = &object(&nats, "StatefulSet", "nats").value()["spec"];
    assert_eq!(servers["replicas"], 3);
    assert!(servers["template"]["spec"]["affinity"]["podAntiAffinity"][affinity].is_array());
    let streams = of("streams", overlay).await;
    for stream in streams.iter().filter(|object| object.kind() == "Stream") {
        let spec = &stream.value()["spec"];
        assert_eq!((&spec["replicas"], &spec["storage"]), (&json!(3), &json!("file")));
    }
}

/// A server with the users of the overlay ha, and the streams.
async fn server() -> Server {
    let nats = of("nats", "ha").await;
    let accounts = text(&nats, "ConfigMap", "nats", "/data/accounts.conf");
    let users = text(&nats, "Secret", "nats-passwords", "/stringData/users.conf");
    let configuration = accounts.replace("include users.conf", users);
    let server = Server::start_with(&configuration).unwrap();
    let jetstream = JetStream::connect(&url(&server, "admin")).await.unwrap();
    let folder = testbed::repository().join("manifests/streams");
    let definitions = streams::load(Path::new(&folder)).unwrap();
    let (events, _told) = platform::event::channel();
    streams::apply(&jetstream, &definitions, &events).await.unwrap();
    server
}

fn url(server: &Server, user: &str) -> String {
    format!("nats://{user}:development-{user}@{}", server.address())
}

/// What the server says against `act`, if anything. In NATS' own words: the library tells of refusals at some later time, the server
/// before it answers the next `PING`.
async fn refusal(server: &Server, user: &str, act: Act) -> Option<String> {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    // As client libraries connect, whose consumers' filters stand in the subjects they publish to.
    let password = format!("development-{user}");
    let connect =
        json!({"user": user, "pass": password, "verbose": false, "pedantic": false, "headers": true});
    let act = match act {
        Publish(subject) => format!("PUB {subject} 2\r\n{{}}\r\n"),
        Subscribe(subject) => format!("SUB {subject} 1\r\n"),
    };
    let said = format!("CONNECT {connect}\r\n{act}PING\r\n");
    writer.write_all(said.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(reader).lines();
    let mut refusal = None;
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "PONG" {
            return refusal;
        }
        if line.starts_with("-ERR") {
            refusal = Some(line);
        }
    }
    panic!("the server hung up: {refusal:?}");
}

#[test_case("proxy", &[Publish("api.get.ratings"), Publish("$JS.API.STREAM.NAMES"), Publish("$JS.API.STREAM.INFO.REQUESTS"),
    Publish("$JS.API.STREAM.MSG.DELETE.REQUESTS"), Subscribe("_PX.me.0.>"), Publish("$JS.API.CONSUMER.CREATE.EVENTS.feed-x.events.>"),
    Publish("$JS.API.CONSUMER.CREATE.EVENTS.feed-x.events.rating.created"), Publish("$JS.API.CONSUMER.MSG.NEXT.EVENTS.feed-x"),
    Publish("live.room"), Subscribe("live.room"),
    Subscribe("$SRV.STATS"), Subscribe("$SRV.STATS.http-to-nats-proxy.x")])]
#[test_case("rating", &[Publish("$JS.API.CONSUMER.INFO.REQUESTS.rating-service"), Publish("_PX.me.0.r.1"), Publish("events.user.created"),
    Publish("$JS.API.CONSUMER.MSG.NEXT.REQUESTS.rating-service"), Publish("$JS.ACK.REQUESTS.rating-service.1.2.3.4.5"),
    Publish("$JS.API.STREAM.INFO.EVENTS"), Publish("dead.api.get.ratings"), Subscribe("_INBOX_rating.>"),
    Subscribe("$SRV.PING"), Subscribe("$SRV.INFO.rating-service")])]
#[test_case("top", &[Publish("$JS.API.INFO"), Publish("$JS.API.STREAM.LIST"), Publish("$JS.API.CONSUMER.INFO.REQUESTS.rating-service"),
    Subscribe("$JS.EVENT.ADVISORY.>"), Subscribe("$JS.EVENT.METRIC.CONSUMER.ACK.>"), Subscribe("_INBOX_top.>"), Publish("$SRV.STATS")])]
#[test_case("nack", &[Publish("$JS.API.STREAM.CREATE.REQUESTS"), Subscribe("_INBOX.a.*")])]
#[tokio::test]
async fn users_may_do_what_their_programs_must(user: &str, acts: &[Act]) {
    let server = server().await;
    for act in acts {
        assert_eq!(refusal(&server, user, *act).await, None);
    }
}

#[test_case("proxy", &[Publish("events.user.created"), Publish("_PX.other.0.r.1"), Publish("$JS.API.STREAM.DELETE.REQUESTS"),
    Publish("$JS.API.STREAM.PURGE.REQUESTS"), Publish("$JS.API.STREAM.MSG.DELETE.EVENTS"),
    Publish("$JS.API.CONSUMER.MSG.NEXT.REQUESTS.rating-service"), Subscribe("api.>"), Subscribe("_INBOX.>"), Subscribe(">"),
    Publish("$JS.API.CONSUMER.CREATE.REQUESTS.x.api.>"), Publish("$JS.API.CONSUMER.CREATE.EVENTS"), Publish("$JS.API.CONSUMER.CREATE.EVENTS.x"),
    Publish("$JS.API.CONSUMER.DELETE.EVENTS.x"), Publish("$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.x"), Subscribe("events.>"), Publish("live.a.b")])]
#[test_case("rating", &[Publish("api.get.ratings"), Publish("$JS.API.STREAM.DELETE.REQUESTS"), Publish("$JS.API.CONSUMER.CREATE.REQUESTS"),
    Publish("_INBOX.a"), Subscribe("_PX.>"), Subscribe("_INBOX.>"), Subscribe("api.>"), Subscribe(">"),
    Subscribe("$SRV.>"), Publish("$SRV.STATS"), Publish("_INBOX_top.a")])]
#[test_case("top", &[Publish("api.get.ratings"), Publish("$JS.API.STREAM.MSG.GET.REQUESTS"), Publish("$JS.API.STREAM.PURGE.REQUESTS"),
    Publish("$JS.API.CONSUMER.MSG.NEXT.REQUESTS.rating-service"), Subscribe("events.>"), Subscribe("_PX.>")])]
#[test_case("nack", &[Publish("api.get.ratings"), Publish("_PX.me.0.r.1"), Subscribe("api.>"), Subscribe("_PX.>")])]
#[tokio::test]
async fn users_may_do_nothing_else(user: &str, acts: &[Act]) {
    let server = server().await;
    for act in acts {
        let refusal = refusal(&server, user, *act).await.unwrap();
        assert!(refusal.contains("Permissions Violation"), "{refusal}");
    }
}

#[test_case("proxy"; "the proxy")]
#[test_case("rating"; "the worker")]
#[tokio::test]
async fn who_is_asked_may_answer_who_asked(user: &str) {
    let server = server().await;
    let sign_in = |user: &str| {
        let password = format!("development-{user}");
        async_nats::ConnectOptions::new().user_and_password(user.to_owned(), password)
    };
    let asked = sign_in(user).connect(server.url()).await.unwrap();
    let mut questions = asked.subscribe("$SRV.STATS").await.unwrap();
    let answering = tokio::spawn(async move {
        let question = questions.next().await.unwrap();
        asked.publish(question.reply.unwrap(), "{}".into()).await.unwrap();
        asked.flush().await.unwrap();
    });
    let top = sign_in("top").custom_inbox_prefix("_INBOX_top");
    let top = top.connect(server.url()).await.unwrap();
    let answer = loop {
        match top.request("$SRV.STATS", "".into()).await {
            // The server has the subscription only some time after it was asked for.
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {}
            answer => break answer.unwrap(),
        }
    };
    assert_eq!(answer.payload, "{}");
    answering.await.unwrap();
}

#[tokio::test]
async fn nobody_comes_in_without_a_name() {
    let server = server().await;
    let refused = async_nats::connect(server.address().to_string()).await;
    assert!(refused.is_err());
}
