//! What is seen of a real nats-server, and of one that answers from a script.

mod scripted;
mod seen;

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull, stream};
use futures_util::StreamExt as _;
use platform::observe::{self, Kubernetes, Nats, Observation, Observed};
use serde_json::json;
use snapshot::sample::{AdvisoryKind, Body, Found, Position, Query, Source, SourceReport, SourceState};
use testbed::nats::Server;
use tokio_util::sync::CancellationToken;

use seen::{consumers, next, report, until};

fn observe(nats: Nats) -> Observation {
    let observed = Observed {
        nats: Some(nats),
        ..Observed::default()
    };
    observe::start(observed, CancellationToken::new())
}

/// A stream `ORDERS` of 5 messages, and a consumer `billing` that was given 2 and has acknowledged 1.
async fn orders(server: &Server) -> jetstream::Context {
    let context = jetstream::new(server.client().await.unwrap());
    let config = stream::Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.>".to_owned()],
        allow_direct: true,
        ..stream::Config::default()
    };
    let stream = context.create_stream(config).await.unwrap();
    for number in 0..5 {
        let subject = format!("orders.{}", if number == 2 { "us" } else { "eu" });
        context
            .publish(subject, "hello".into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    let config = pull::Config {
        durable_name: Some("billing".to_owned()),
        sample_frequency: 100,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.fetch().max_messages(2).messages().await.unwrap();

    messages
        .next()
        .await
        .unwrap()
        .unwrap()
        .double_ack()
        .await
        .unwrap();
    messages.next().await.unwrap().unwrap();
    context
}

#[tokio::test]
async fn streams_consumers_and_the_account_are_seen_and_seen_again_after_a_restart() {
    let mut server = Server::start().unwrap();
    orders(&server).await;
    let mut observation = observe(Nats::new(server.url()));
    let streams = until(&mut observation, |body| match body {
        Body::Streams(sample) => Some(sample),
        _ => None,
    })
    .await;
    assert!(streams.complete && streams.missing.is_empty(), "{streams:?}");
    let stream = &streams.streams[0];
    assert_eq!(
        (stream.name.as_str(), stream.messages, stream.consumer_count),
        ("ORDERS", 5, Some(1))
    );
    assert!(stream.ts.is_some() && stream.created_ns.is_some() && stream.allow_direct);
    let found = consumers(&mut observation).await;
    let billing = &found.consumers[0];
    assert_eq!(
        (found.stream.as_str(), billing.name.as_str(), found.complete),
        ("ORDERS", "billing", true)
    );
    assert_eq!(
        (
            billing.num_pending,
            billing.num_ack_pending,
            billing.delivered.stream_seq
        ),
        (3, 1, 2)
    );

    server.kill().unwrap();
    report(&mut observation, Source::Jetstream, SourceState::Connecting).await;
    server.restart().unwrap();
    let up = report(&mut observation, Source::Jetstream, SourceState::Up).await;
    assert!(
        up.cost.requests > 0 && up.cost.bytes > 0 && up.version.is_some(),
        "{up:?}"
    );
    assert_eq!(consumers(&mut observation).await.consumers[0].num_pending, 3);
}

#[tokio::test]
async fn the_first_two_looks_come_within_seconds_and_the_account_with_them() {
    let server = Server::start().unwrap();
    orders(&server).await;
    let mut observation = observe(Nats::new(server.url()));
    let account = until(&mut observation, |body| match body {
        Body::Account(sample) => Some(sample),
        _ => None,
    })
    .await;
    assert_eq!((account.streams, account.consumers), (Some(1), Some(1)));
    let (first, second) = (
        consumers(&mut observation).await,
        consumers(&mut observation).await,
    );
    let ts = |sample: &snapshot::sample::ConsumersSample| sample.consumers[0].ts.unwrap();
    let between = Duration::from_nanos(u64::try_from(ts(&second) - ts(&first)).unwrap());
    assert!(
        between >= Duration::from_secs(1),
        "the API is not to be flooded: {between:?}"
    );
}

#[tokio::test]
async fn the_time_of_one_message_is_found_in_both_ways() {
    let server = Server::start().unwrap();
    orders(&server).await;
    let mut observation = observe(Nats::new(server.url()));
    report(&mut observation, Source::Messages, SourceState::Up).await;
    let query = |direct: bool, seq: u64, filters: &[&str]| Query {
        account: None,
        stream: "ORDERS".to_owned(),
        consumer: "billing".to_owned(),
        position: Position::Next,
        seq,
        filter_subjects: filters.iter().map(|filter| (*filter).to_owned()).collect(),
        direct,
    };
    let mut times = Vec::new();
    for direct in [true, false] {
        for (seq, filters, expected) in [
            (1, &["orders.us"][..], Some(3)),
            (2, &[], Some(2)),
            (9, &[], None),
        ] {
            let query = query(direct, seq, filters);
            observation.ask.send(query.clone()).await.unwrap();
            let answer = until(&mut observation, |body| match body {
                Body::Message(sample) => Some(sample),
                _ => None,
            })
            .await;
            assert_eq!(answer.query, query);
            match (answer.found, expected) {
                (Found::Nothing, None) => {}
                (Found::Message(message), Some(seq)) => {
                    assert_eq!((message.seq, message.payload_bytes), (seq, 5));
                    times.push((message.seq, message.ts));
                }
                other => panic!("direct {direct}: {other:?}"),
            }
        }
    }
    assert_eq!(times[..2], times[2..]);
    let payload = observe::payload(&Nats::new(server.url()), &query(true, 1, &[]), 3)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (payload.bytes.as_ref(), payload.message.payload_bytes),
        (&b"hel"[..], 5)
    );
}

#[tokio::test]
async fn advisories_and_times_of_acknowledgement_are_heard() {
    let server = Server::start().unwrap();
    let mut observation = observe(Nats::new(server.url()));
    report(&mut observation, Source::Advisories, SourceState::Up).await;
    orders(&server).await;
    let (mut created, mut acknowledged) = (false, false);
    while !(created && acknowledged) {
        match next(&mut observation).await {
            Body::Advisory(sample) if sample.kind == AdvisoryKind::ConsumerCreated => {
                assert_eq!((sample.consumer.as_deref(), sample.count), (Some("billing"), 1));
                created = true;
            }
            Body::AckTimes(sample) => {
                assert_eq!((sample.consumer.as_str(), sample.redelivered), ("billing", 0));
                assert_eq!(sample.ack_time.b.iter().map(|(_, count)| count).sum::<u64>(), 1);
                acknowledged = true;
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn services_are_asked_and_who_does_not_answer_is_not_there() {
    let server = Server::start().unwrap();
    let client = server.client().await.unwrap();
    let mut questions = client.subscribe("$SRV.STATS").await.unwrap();
    let mut observation = observe(Nats::new(server.url()));
    let answering = tokio::spawn(async move {
        while let Some(question) = questions.next().await {
            for id in ["1", "2"] {
                let stats = json!({"name": "a", "id": id, "version": "1.0.0", "endpoints": [{"name": "e", "num_requests": 7}]});
                let reply = question.reply.clone().unwrap();
                client.publish(reply, stats.to_string().into()).await.unwrap();
            }
        }
    });
    let services = async |observation: &mut Observation, count: usize| {
        until(observation, |body| match body {
            Body::Services(sample) if sample.services.len() == count => Some(sample.services),
            _ => None,
        })
        .await
    };
    let both = services(&mut observation, 2).await;
    assert_eq!(
        (
            both[0].id.as_str(),
            both[1].id.as_str(),
            both[0].endpoints[0].num_requests
        ),
        ("1", "2", 7)
    );
    answering.abort();
    services(&mut observation, 0).await;
}

#[tokio::test]
async fn what_the_user_may_not_is_said_and_the_rest_goes_on() {
    let user = r#"authorization { users: [ {user: a, password: b, permissions: {
        publish: ["$SRV.STATS"], subscribe: ["_INBOX.>", "$JS.EVENT.METRIC.>"]}} ] }"#;
    let server = Server::start_with(user).unwrap();
    let url = format!("nats://a:b@{}", server.address());
    let mut observation = observe(Nats::new(url));
    let (mut jetstream, mut advisories, mut services) = (None, None, None);
    while jetstream.is_none() || advisories.is_none() || services.is_none() {
        if let Body::Source(SourceReport {
            source,
            state,
            reason,
            endpoint,
            ..
        }) = next(&mut observation).await
        {
            assert!(!endpoint.unwrap_or_default().contains("a:b"));
            match (source, state) {
                (Source::Jetstream, SourceState::Down) => jetstream = reason,
                (Source::Advisories, SourceState::Down) => advisories = reason,
                (Source::Services, SourceState::Up) => services = Some(String::new()),
                _ => {}
            }
        }
    }
    assert_eq!(
        jetstream.unwrap(),
        "cannot list the streams: the user may not publish to $JS.API.STREAM.LIST"
    );
    assert_eq!(
        advisories.unwrap(),
        "cannot hear advisories: the user may not subscribe to $JS.EVENT.ADVISORY.>"
    );
}

/// What an event says of a source.
fn told(body: Body) -> Option<(Source, SourceState)> {
    match body {
        Body::Source(report) => Some((report.source, report.state)),
        _ => None,
    }
}

#[tokio::test]
async fn everything_begins_without_what_it_looks_at() {
    let mut server = Server::start().unwrap();
    server.kill().unwrap();
    let address: http::Uri = "http://127.0.0.1:1".parse().unwrap();
    let client = kube::Client::try_from(kube::Config::new(address)).unwrap();
    let observed = Observed {
        nats: Some(Nats::new(server.url())),
        kubernetes: Some(Kubernetes {
            client,
            name: "nowhere".to_owned(),
            components: Vec::new(),
        }),
        ..Observed::default()
    };
    let mut observation = observe::start(observed, CancellationToken::new());
    let mut states = BTreeMap::new();
    while states.get(&Source::Jetstream) != Some(&SourceState::Connecting)
        || states.get(&Source::Pods) != Some(&SourceState::Down)
    {
        states.extend(told(next(&mut observation).await));
    }
    server.restart().unwrap();
    let all = [
        Source::Jetstream,
        Source::Messages,
        Source::Advisories,
        Source::Services,
    ];
    while all
        .iter()
        .any(|source| states.get(source) != Some(&SourceState::Up))
    {
        states.extend(told(next(&mut observation).await));
    }
    let mut nothing = observe::start(Observed::default(), CancellationToken::new());
    for _ in 0..7 {
        let Body::Source(report) = next(&mut nothing).await else {
            panic!("nothing is looked at")
        };
        assert_eq!(report.state, SourceState::Absent);
    }
}
