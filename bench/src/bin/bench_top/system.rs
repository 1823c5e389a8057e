//! A real nats-server with streams and consumers, and its own count of what the JetStream API was asked.

use async_nats::{Client, ConnectOptions};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use testbed::nats::Server;

use crate::error::Error;

/// A system account beside the one with streams, so that the server can be asked without the API that is counted.
const ACCOUNTS: &str = "accounts {\n\
    APP { jetstream: enabled, users: [ { user: app, password: app } ] }\n\
    SYS { users: [ { user: sys, password: sys } ] }\n\
    }\nsystem_account: SYS\nno_auth_user: app";
/// Requests that are made at the same time while streams and consumers are created.
const AT_ONCE: usize = 64;

/// A server with streams of consumers.
pub(crate) struct System {
    server: Server,
    /// Of the account with the streams.
    pub(crate) client: Client,
    operator: Client,
    /// How many streams.
    pub(crate) streams: usize,
    /// How many consumers each of them has.
    pub(crate) consumers: usize,
}

impl System {
    /// Starts a server with so many streams of so many consumers each: work queues in memory, each consumer with a subject of its own.
    pub(crate) async fn start(streams: usize, consumers: usize) -> Result<Self, Error> {
        let server = Server::start_with(ACCOUNTS)?;
        let operator = ConnectOptions::with_user_and_password("sys".into(), "sys".into())
            .connect(server.url())
            .await
            .map_err(Error::nats("connect to the system account"))?;
        let system = Self {
            client: server.client().await?,
            server,
            operator,
            streams,
            consumers,
        };
        let made = (0..streams).map(|stream| system.create_stream(stream));
        stream::iter(made)
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        let pairs = (0..streams).flat_map(|stream| (0..consumers).map(move |consumer| (stream, consumer)));
        let made = pairs.map(|(stream, consumer)| system.create_consumer(stream, consumer));
        stream::iter(made)
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        Ok(system)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Name of a stream.
    pub(crate) fn stream(stream: usize) -> String {
        format!("STREAM-{stream:02}")
    }

    /// Name of a consumer.
    pub(crate) fn consumer(consumer: usize) -> String {
        format!("worker-{consumer:02}")
    }

    /// Subject of the messages that one consumer gets.
    pub(crate) fn subject(stream: usize, consumer: usize) -> String {
        format!("s{stream}.c{consumer}")
    }

    async fn create_stream(&self, stream: usize) -> Result<(), Error> {
        let name = Self::stream(stream);
        let config = json!({"name": name, "subjects": [format!("s{stream}.*")], "storage": "memory", "retention": "workqueue",
            "max_msgs": 100_000, "discard": "new", "allow_direct": true});
        self.call(&format!("STREAM.CREATE.{name}"), &config).await
    }

    async fn create_consumer(&self, stream: usize, consumer: usize) -> Result<(), Error> {
        let (name, durable) = (Self::stream(stream), Self::consumer(consumer));
        let filter = Self::subject(stream, consumer);
        let config = json!({"stream_name": name, "config": {"durable_name": durable, "name": durable, "ack_policy": "explicit",
            "filter_subject": filter}});
        self.call(&format!("CONSUMER.CREATE.{name}.{durable}.{filter}"), &config)
            .await
    }

    async fn call(&self, verb: &str, body: &Value) -> Result<(), Error> {
        let answer = self
            .client
            .request(format!("$JS.API.{verb}"), body.to_string().into())
            .await
            .map_err(Error::nats("create a stream or a consumer"))?;
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap_or_default();
        match answer.get("error") {
            None => Ok(()),
            Some(error) => Err(Error::nats("create a stream or a consumer")(error.to_string())),
        }
    }

    /// Requests to the JetStream API since the server was started, as it counts them itself.
    pub(crate) async fn api_requests(&self) -> Result<u64, Error> {
        let ask = "ask the server for its own figures";
        let answer = self
            .operator
            .request("$SYS.REQ.SERVER.PING.JSZ", "{}".into())
            .await
            .map_err(Error::nats(ask))?;
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap_or_default();
        answer
            .pointer("/data/api/total")
            .and_then(Value::as_u64)
            .ok_or_else(|| Error::nats(ask)(answer.to_string()))
    }
}
