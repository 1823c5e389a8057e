//! A stream of events and proxies that feed it.

use async_nats::jetstream::Context;
use contract::definition;
use proxy::config::Config;
use testbed::nats::Server;

use crate::system::{ROUTES, Running, STREAM};

/// The stream that is followed.
pub(crate) const EVENTS: &str = "
---
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: { name: events }
spec:
  name: EVENTS
  subjects: ['events.>']
  retention: limits
  storage: file
  discard: old
  duplicateWindow: 2m
";

/// The feed in the routes file.
pub(crate) const FEED: &str = "feed: { path: /events, stream: EVENTS, subject: 'events.>', groups: live }\n";

/// A server with events, and whoever publishes them.
pub(crate) struct Stage {
    pub(crate) nats: Server,
    pub(crate) jetstream: Context,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_on(Server::start().unwrap()).await
    }

    pub(crate) async fn set_on(nats: Server) -> Self {
        let streams = format!("{STREAM}{EVENTS}");
        nats.apply(&definition::parse("streams.yaml", &streams).unwrap())
            .await
            .unwrap();
        let jetstream = async_nats::jetstream::new(nats.client().await.unwrap());
        Self { nats, jetstream }
    }

    /// One more proxy, connected.
    pub(crate) async fn proxy(&self, change: impl FnOnce(&mut Config)) -> Running {
        let proxy = Running::start_routed(&self.nats.url(), &format!("{ROUTES}{FEED}"), |config| {
            config.feed.max_clients_per_address = 5000;
            change(config);
        });
        proxy.ready().await;
        proxy
    }

    /// Publishes the numbers of a range under `events.number.counted`.
    pub(crate) async fn count(&self, numbers: std::ops::Range<u64>) {
        self.count_as("events.number.counted", numbers).await;
    }

    pub(crate) async fn count_as(&self, subject: &str, numbers: std::ops::Range<u64>) {
        for number in numbers {
            publish(&self.jetstream, subject, number).await;
        }
    }
}

/// Publishes a number until the stream has it, once.
pub(crate) async fn publish(jetstream: &Context, subject: &str, number: u64) {
    loop {
        let message = async_nats::jetstream::message::PublishMessage::build()
            .message_id(number.to_string())
            .payload(format!("{{\"n\":{number}}}").into());
        let sent = jetstream.send_publish(subject.to_owned(), message).await;
        if let Ok(acknowledged) = sent
            && acknowledged.await.is_ok()
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
