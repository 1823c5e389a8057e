//! A JetStream API that says what a script says, in a domain that the real server does not have.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use platform::observe::{Nats, Row};
use serde_json::{Value, json};
use snapshot::sample::{Body, Source, SourceState};
use testbed::nats::Server;
use tokio::task::JoinHandle;

use super::observe;
use super::seen::{consumers, report, until};

/// What was asked, and when.
type Asked = Arc<Mutex<Vec<(Instant, String, Value)>>>;

struct Scripted {
    server: Server,
    asked: Asked,
    _task: JoinHandle<()>,
}

impl Scripted {
    /// `answer` gets what is behind `$JS.fake.API.`, and the body. Nothing is silence.
    async fn start(answer: impl Fn(&str, &Value) -> Option<Value> + Send + 'static) -> Self {
        let server = Server::start().unwrap();
        let client = server.client().await.unwrap();
        let mut questions = client.subscribe("$JS.fake.API.>").await.unwrap();
        let asked = Asked::default();
        let notes = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Some(question) = questions.next().await {
                let verb = question.subject.strip_prefix("$JS.fake.API.").unwrap();
                let body: Value = serde_json::from_slice(&question.payload).unwrap_or_default();
                let said = answer(verb, &body);
                notes
                    .lock()
                    .unwrap()
                    .push((Instant::now(), verb.to_owned(), body));
                if let Some(said) = said {
                    client
                        .publish(question.reply.unwrap(), said.to_string().into())
                        .await
                        .unwrap();
                }
            }
        });
        Self {
            server,
            asked,
            _task: task,
        }
    }

    fn nats(&self) -> Nats {
        Nats {
            domain: Some("fake".to_owned()),
            ..Nats::new(self.server.url())
        }
    }

    /// The offsets at which a list was asked for, and when the first page was.
    fn asked(&self, verb: &str) -> Vec<(Instant, u64)> {
        let asked = self.asked.lock().unwrap();
        let of_verb = asked.iter().filter(|(_, asked, _)| asked == verb);
        of_verb
            .map(|(at, _, body)| (*at, body["offset"].as_u64().unwrap_or(0)))
            .collect()
    }
}

fn stream(name: &str, consumers: u64) -> Value {
    json!({"config": {"name": name}, "state": {"consumer_count": consumers}})
}

#[tokio::test]
async fn pages_are_read_by_their_size_so_that_missing_entries_repeat_nothing() {
    let scripted = Scripted::start(|verb, body| {
        let offset = body["offset"].as_u64().unwrap_or(0);
        Some(match (verb, offset) {
            ("STREAM.LIST", _) => json!({"total": 1, "limit": 256, "streams": [stream("S", 5)]}),
            ("CONSUMER.LIST.S", 0) => {
                json!({"total": 5, "limit": 2, "consumers": [{"name": "a"}], "missing": ["b"]})
            }
            ("CONSUMER.LIST.S", 2) => {
                json!({"total": 5, "limit": 2, "consumers": [{"name": "c"}, {"odd": true}],
                "offline": {"d": "unsupported feature", "z": 1}})
            }
            ("CONSUMER.LIST.S", 4) => {
                json!({"total": 5, "limit": 2, "consumers": [{"name": "e"}], "missing": null})
            }
            ("INFO", _) => json!({}),
            other => panic!("nobody asks for {other:?}"),
        })
    })
    .await;
    let mut observation = observe(scripted.nats());
    let found = consumers(&mut observation).await;
    let names: Vec<&str> = found
        .consumers
        .iter()
        .map(|consumer| consumer.name.as_str())
        .collect();
    assert_eq!(
        (names.as_slice(), found.missing.as_slice(), found.complete),
        (&["a", "c", "e"][..], &["b".to_owned()][..], true)
    );
    assert_eq!(found.offline["d"], "unsupported feature");
    let offsets: Vec<u64> = scripted
        .asked("CONSUMER.LIST.S")
        .iter()
        .map(|(_, offset)| *offset)
        .collect();
    assert_eq!(offsets[..3], [0, 2, 4]);
}

#[tokio::test]
async fn an_error_reply_is_told_and_asked_again_ever_more_seldom() {
    let scripted = Scripted::start(|_, _| {
        Some(json!({"error": {"code": 503, "err_code": 10008, "description": "temporarily unavailable"}}))
    })
    .await;
    let mut observation = observe(scripted.nats());
    let down = report(&mut observation, Source::Jetstream, SourceState::Down).await;
    assert_eq!(
        down.reason.as_deref(),
        Some("cannot list the streams: temporarily unavailable (10008)")
    );
    let asked = async |count: usize| {
        let begun = Instant::now();
        while scripted.asked("STREAM.LIST").len() < count {
            assert!(begun.elapsed() < Duration::from_mins(1), "it is not asked again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    asked(2).await;
    let times = scripted.asked("STREAM.LIST");
    // Twice the usual two seconds at least: the error has slowed it down.
    assert!(
        times[1].0 - times[0].0 >= Duration::from_millis(3_900),
        "{:?}",
        times[1].0 - times[0].0
    );
    drop(observation);
}

#[tokio::test]
async fn silence_is_told_and_stops_no_other_source() {
    let scripted = Scripted::start(|_, _| None).await;
    let mut observation = observe(scripted.nats());
    report(&mut observation, Source::Services, SourceState::Up).await;
    let down = report(&mut observation, Source::Jetstream, SourceState::Down).await;
    let reason = down.reason.unwrap();
    assert!(
        reason.contains("no answer to $JS.fake.API.STREAM.LIST in time"),
        "{reason}"
    );
    assert!(down.cost.errors >= 1, "{:?}", down.cost);
}

#[tokio::test]
async fn without_jetstream_nobody_answers() {
    let server = Server::start().unwrap();
    let nats = Nats {
        domain: Some("nowhere".to_owned()),
        ..Nats::new(server.url())
    };
    let mut observation = observe(nats);
    let down = report(&mut observation, Source::Jetstream, SourceState::Down).await;
    assert!(
        down.reason
            .unwrap()
            .contains("nobody answers to $JS.nowhere.API.STREAM.LIST")
    );
}

#[tokio::test]
async fn in_a_large_account_rows_of_interest_are_asked_for_one_by_one() {
    let scripted = Scripted::start(|verb, _| {
        Some(match verb {
            "STREAM.LIST" => json!({"total": 1, "limit": 256, "streams": [stream("S", 300)]}),
            "CONSUMER.LIST.S" => json!({"total": 1, "limit": 256, "consumers": [{"name": "a"}]}),
            "CONSUMER.INFO.S.a" => json!({"name": "a", "num_pending": 77}),
            "CONSUMER.INFO.S.b" => {
                json!({"error": {"code": 404, "err_code": 10014, "description": "consumer not found"}})
            }
            _ => json!({}),
        })
    })
    .await;
    let mut observation = observe(scripted.nats());
    consumers(&mut observation).await;
    let row = |consumer: &str| Row {
        stream: "S".to_owned(),
        consumer: consumer.to_owned(),
    };
    observation.interest.send(vec![row("a"), row("b")]).unwrap();
    let (mut pending, mut gone) = (None, Vec::new());
    while pending.is_none() || gone.is_empty() {
        let sample = until(&mut observation, |body| match body {
            Body::Consumers(sample) if !sample.complete => Some(sample),
            _ => None,
        })
        .await;
        pending = pending.or(sample.consumers.first().map(|consumer| consumer.num_pending));
        gone.extend(sample.gone);
    }
    assert_eq!((pending, gone[0].as_str()), (Some(77), "b"));
}
