//! A server with a small work queue, a client that plays the proxy, and handlers to try.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::{Client, HeaderMap, Subscriber};
use bytes::Bytes;
use contract::definition::{self, Definitions};
use contract::envelope::{self, Reply, Request, RequestHead, Version};
use contract::headers::{HeaderSource as _, names};
use contract::subject::{Codec, Path};
use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use runtime::lifecycle::{Reason, Shutdown};
use runtime::nats::{self, Incoming, Outgoing};
use runtime::worker::{Context, Handler, Metrics, Outcome, Readiness, Settings, Worker};
use serde_json::Value;
use testbed::nats::Server;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Long enough for any machine; only a failing test waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// As the repository's, with a shorter memory: messages come again after a second, twice at most before they are dead.
const DEFINITIONS: &str = r"
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: requests}
spec: {name: REQUESTS, subjects: ['api.>'], retention: workqueue, storage: file, discard: new, allowMsgTtl: true, maxAge: 2m, duplicateWindow: 2m}
---
apiVersion: jetstream.nats.io/v1beta2
kind: Consumer
metadata: {name: worker}
spec: {streamName: REQUESTS, durableName: worker, ackPolicy: explicit, deliverPolicy: all, ackWait: 1s, maxDeliver: 3, maxAckPending: 1000, maxWaiting: 512}
---
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: dead}
spec: {name: DEAD, subjects: ['dead.>'], retention: limits, storage: file, duplicateWindow: 2m, maxAge: 1h}
";

pub(crate) fn definitions() -> Definitions {
    definition::parse("fixture", DEFINITIONS).unwrap()
}

pub(crate) async fn server() -> Server {
    let server = Server::start().unwrap();
    server.apply(&definitions()).await.unwrap();
    server
}

pub(crate) fn settings() -> Settings {
    Settings {
        slots: 8,
        heartbeat: Duration::from_millis(500),
        ..Settings::new("REQUESTS", "worker")
    }
}

/// A worker that runs on a task of its own.
pub(crate) struct Running {
    pub(crate) shutdown: Shutdown,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: watch::Receiver<Readiness>,
    pub(crate) task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start<H: Handler>(server: &Server, settings: Settings, handler: H) -> Self {
        let connection = nats::Settings {
            urls: vec![server.url()],
            ..nats::Settings::default()
        };
        let connection = nats::connect(&connection).await.unwrap();
        Self::of(Worker::new(connection, Codec::new("api").unwrap(), settings, handler).unwrap())
    }

    pub(crate) fn of<H: Handler>(worker: Worker<H>) -> Self {
        let (shutdown, metrics, readiness) = (Shutdown::new(), worker.metrics(), worker.readiness());
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { worker.run(&stop).await });
        Self {
            shutdown,
            metrics,
            readiness,
            task,
        }
    }

    pub(crate) async fn ready(&mut self) {
        self.readiness_is(|readiness| *readiness == Readiness::Ready)
            .await;
    }

    pub(crate) async fn readiness_is(&mut self, expected: impl FnMut(&Readiness) -> bool) -> Readiness {
        within("the readiness expected", self.readiness.wait_for(expected))
            .await
            .unwrap()
            .clone()
    }

    pub(crate) async fn stop(self) {
        self.shutdown.drain(Reason::Requested);
        within("the end of the worker", self.task).await.unwrap();
    }
}

/// Fails the test when something does not happen.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come within {PATIENCE:?}"))
}

/// Polls a condition until it holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let started = Instant::now();
    while !holds().await {
        assert!(
            started.elapsed() < PATIENCE,
            "{what} did not come within {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Publishes requests as a proxy does and receives their answers.
pub(crate) struct Proxy {
    pub(crate) client: Client,
    inbox: String,
    answers: Subscriber,
    codec: Codec,
}

/// An answer and the id of the request it belongs to.
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) is_version_2: bool,
    pub(crate) reply: Reply,
}

impl Proxy {
    pub(crate) async fn connect(server: &Server) -> Self {
        let client = server.client().await.unwrap();
        let inbox = client.new_inbox();
        let answers = client.subscribe(inbox.clone() + ".*").await.unwrap();
        client.flush().await.unwrap();
        Self {
            client,
            inbox,
            answers,
            codec: Codec::new("api").unwrap(),
        }
    }

    /// A message for `POST path` whose answer goes to this proxy.
    pub(crate) fn message(
        &self,
        version: Version,
        path: &str,
        body: &str,
        timeout: Duration,
    ) -> (String, HeaderMap, Bytes) {
        let reply_to = format!("{}.r", self.inbox);
        let head = RequestHead {
            id: uuid::Uuid::now_v7(),
            reply_to: &reply_to,
            method: &Method::POST,
            path,
            query: None,
            timeout,
            deadline_unix_ms: 0,
            attempt: 1,
            headers: &http::HeaderMap::new(),
        };
        let mut headers = Outgoing::new();
        let body = Bytes::from(body.to_owned());
        let payload = envelope::encode_request(version, &head, &body, &mut headers).unwrap();
        let subject = self
            .codec
            .encode(&Method::POST, &Path::parse(path).unwrap())
            .unwrap();
        (subject, headers.finish().unwrap(), payload)
    }

    pub(crate) async fn send(&self, version: Version, path: &str, body: &str, timeout: Duration) {
        let (subject, headers, payload) = self.message(version, path, body, timeout);
        self.publish(subject, headers, payload).await;
    }

    /// Returns when the stream has it.
    pub(crate) async fn publish(&self, subject: String, headers: HeaderMap, payload: Bytes) {
        let stored = self
            .client
            .request_with_headers(subject, headers, payload)
            .await
            .unwrap();
        let stored: Value = serde_json::from_slice(&stored.payload).unwrap();
        assert!(stored.get("error").is_none(), "{stored}");
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        let message = within("an answer", self.answers.next()).await.unwrap();
        let headers = Incoming(message.headers.as_ref());
        let id = message.headers.as_ref().and_then(|headers| headers.get("Px-Id"));
        Answer {
            id: id.map(ToString::to_string).unwrap_or_default(),
            is_version_2: headers.first(names::STATUS).is_some(),
            reply: envelope::decode_reply(&headers, message.payload.clone()).unwrap(),
        }
    }

    /// Whether no answer has come; asks after everything before has been processed.
    pub(crate) async fn has_no_answer(&mut self) -> bool {
        use futures_util::FutureExt as _;
        self.client.flush().await.unwrap();
        self.answers.next().now_or_never().is_none()
    }

    pub(crate) async fn info(&self, verb: &str) -> Value {
        let answer = self
            .client
            .request(format!("$JS.API.{verb}"), Bytes::new())
            .await
            .unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    /// How many messages a stream holds.
    pub(crate) async fn stored(&self, stream: &str) -> u64 {
        self.info(&format!("STREAM.INFO.{stream}")).await["state"]["messages"]
            .as_u64()
            .unwrap()
    }

    pub(crate) async fn queue_is_empty(&self) {
        eventually("an empty work queue", || async {
            self.stored("REQUESTS").await == 0
        })
        .await;
    }
}

/// A handler made of a function.
pub(crate) struct Does<F>(pub(crate) F);

impl<F, T> Handler for Does<F>
where
    F: Fn(Request, Context) -> T + Send + Sync + 'static,
    T: Future<Output = Outcome> + Send,
{
    async fn handle(&self, request: Request, context: Context) -> Outcome {
        (self.0)(request, context).await
    }
}

pub(crate) fn reply(body: Bytes) -> Outcome {
    Outcome::Reply(Reply {
        status: StatusCode::OK,
        headers: http::HeaderMap::new(),
        body,
    })
}

/// Answers with the request's body.
pub(crate) fn echo() -> impl Handler {
    Does(|request: Request, _| async move { reply(request.body) })
}

/// A handler that counts its calls with `count` before it does what it does.
pub(crate) type Count = Arc<std::sync::atomic::AtomicUsize>;
