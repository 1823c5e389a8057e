//! Changes to a running system that a person asks for, one at a time.

use std::time::Duration;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Error, JetStream};

impl JetStream {
    /// Stops the delivery of a consumer for so long (servers since 2.11).
    ///
    /// # Errors
    /// When there is no such consumer, or the server refuses or does not answer.
    pub async fn pause_consumer(&self, stream: &str, consumer: &str, lasting: Duration) -> Result<(), Error> {
        let until = OffsetDateTime::now_utc() + lasting;
        // A year of more than four digits is no date for a server; nobody pauses for so long.
        let until = until.format(&Rfc3339).unwrap_or_default();
        self.call(
            &format!("CONSUMER.PAUSE.{stream}.{consumer}"),
            &format!("pause consumer {consumer} of stream {stream}"),
            &json!({ "pause_until": until }),
        )
        .await
        .map(drop)
    }

    /// Goes on with the delivery of a paused consumer.
    ///
    /// # Errors
    /// When there is no such consumer, or the server refuses or does not answer.
    pub async fn resume_consumer(&self, stream: &str, consumer: &str) -> Result<(), Error> {
        self.call(
            &format!("CONSUMER.PAUSE.{stream}.{consumer}"),
            &format!("resume consumer {consumer} of stream {stream}"),
            &json!({}),
        )
        .await
        .map(drop)
    }

    /// Deletes a consumer, and with it what it knows of deliveries.
    ///
    /// # Errors
    /// When there is no such consumer, or the server refuses or does not answer.
    pub async fn delete_consumer(&self, stream: &str, consumer: &str) -> Result<(), Error> {
        self.call(
            &format!("CONSUMER.DELETE.{stream}.{consumer}"),
            &format!("delete consumer {consumer} of stream {stream}"),
            &Value::Null,
        )
        .await
        .map(drop)
    }

    /// Deletes all messages of a stream and returns how many there were.
    ///
    /// # Errors
    /// When there is no such stream, or the server refuses or does not answer.
    pub async fn purge_stream(&self, stream: &str) -> Result<u64, Error> {
        let reply = self
            .call(
                &format!("STREAM.PURGE.{stream}"),
                &format!("purge stream {stream}"),
                &Value::Null,
            )
            .await?;
        Ok(reply.get("purged").and_then(Value::as_u64).unwrap_or(0))
    }
}
