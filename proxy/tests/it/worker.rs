//! What answers requests in the tests: a pull worker on the stream, or somebody who is stream and worker in one.

use async_nats::jetstream::{self, consumer::pull};
use async_nats::{Client, HeaderMap, Message, Subscriber};
use bytes::Bytes;
use contract::envelope::{self, Reply, Request};
use contract::subject::Codec;
use futures_util::StreamExt as _;
use http::{HeaderMap as HttpHeaders, StatusCode};
use runtime::nats::{Incoming, Outgoing};
use testbed::nats::Server;
use tokio::task::JoinHandle;

/// A request as it lay in the stream.
pub(crate) fn read(message: &Message) -> Request {
    let codec = Codec::new("api").unwrap();
    let headers = Incoming(message.headers.as_ref());
    envelope::decode_request(&codec, &message.subject, &headers, message.payload.clone()).unwrap()
}

/// Sends an answer in the envelope of its request.
pub(crate) async fn reply(client: &Client, request: &Request, reply: &Reply) {
    let mut headers = Outgoing::new();
    let payload = envelope::encode_reply(request.version, reply, &mut headers);
    let headers = headers.finish().unwrap();
    client
        .publish_with_headers(request.reply_to.clone(), headers, payload)
        .await
        .unwrap();
    client.flush().await.unwrap();
}

/// A plain answer.
pub(crate) fn ok(body: impl Into<Bytes>) -> Reply {
    Reply {
        status: StatusCode::OK,
        headers: HttpHeaders::new(),
        body: body.into(),
    }
}

/// Pulls from the stream `REQUESTS` and answers what `answer` says.
pub(crate) async fn start(
    nats: &Server,
    answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
) -> JoinHandle<()> {
    let client = nats.client().await.unwrap();
    let stream = jetstream::new(client.clone())
        .get_stream("REQUESTS")
        .await
        .unwrap();
    let config = pull::Config {
        durable_name: Some("worker".to_owned()),
        ..pull::Config::default()
    };
    let consumer = stream.get_or_create_consumer("worker", config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    tokio::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            let request = read(&message.message);
            if let Some(answer) = answer(&request) {
                reply(&client, &request, &answer).await;
            }
            message.ack().await.unwrap();
        }
    })
}

/// Takes requests off the wire itself: no stream is there, so it alone acknowledges them, or does not.
pub(crate) struct StandIn {
    pub(crate) client: Client,
    requests: Subscriber,
}

impl StandIn {
    pub(crate) async fn start(nats: &Server) -> Self {
        let client = nats.client().await.unwrap();
        let requests = client.subscribe("api.>").await.unwrap();
        client.flush().await.unwrap();
        Self { client, requests }
    }

    /// The next publish.
    pub(crate) async fn next(&mut self) -> Message {
        self.requests.next().await.unwrap()
    }

    /// Says what a stream says once it has stored a message.
    pub(crate) async fn acknowledge(&self, message: &Message, sequence: u64) {
        let payload = format!(r#"{{"stream":"REQUESTS","seq":{sequence}}}"#);
        self.say(message, payload).await;
    }

    /// Says anything in place of an acknowledgement.
    pub(crate) async fn say(&self, message: &Message, payload: impl Into<Bytes>) {
        self.client
            .publish(message.reply.clone().unwrap(), payload.into())
            .await
            .unwrap();
        self.client.flush().await.unwrap();
    }

    /// Answers as a worker.
    pub(crate) async fn answer(&self, message: &Message, answer: &Reply) {
        reply(&self.client, &read(message), answer).await;
    }

    /// Answers with any headers and payload.
    pub(crate) async fn answer_raw(&self, message: &Message, headers: HeaderMap, payload: impl Into<Bytes>) {
        let to = read(message).reply_to;
        self.client
            .publish_with_headers(to, headers, payload.into())
            .await
            .unwrap();
        self.client.flush().await.unwrap();
    }
}
