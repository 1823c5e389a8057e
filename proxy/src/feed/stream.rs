//! What the feed asks the `JetStream` API: what a stream holds, and a consumer that reads it in order.

use std::time::Duration;

use async_nats::{RequestError, RequestErrorKind};
use bytes::Bytes;
use runtime::nats::Connection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use super::{Filter, Refusal};

/// How long the server may take to answer.
const WAIT: Duration = Duration::from_secs(5);
/// A consumer that nobody asks any more goes by itself after this time.
const INACTIVE: Duration = Duration::from_secs(20);

/// The stream behind the feed.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) connection: Connection,
    pub(super) name: String,
}

/// What a stream holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// When it was made: another time is another stream under the same name.
    pub(super) created: String,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// A consumer of the feed's own.
#[derive(Clone, Debug)]
pub(super) struct Consumer {
    pub(super) name: String,
    /// Messages that wait for it.
    pub(super) pending: u64,
}

/// Why the stream cannot be read now.
#[derive(Debug, thiserror::Error)]
pub(super) enum StreamError {
    /// No answer.
    #[error("NATS does not answer on {subject}")]
    Silent {
        /// What was asked.
        subject: String,
        /// What the client library said.
        source: RequestError,
    },
    /// Nobody is there to answer: `JetStream` is off, or starts.
    #[error("JetStream is not available")]
    Absent,
    /// The answer cannot be read.
    #[error("JetStream answers unreadably on {subject}")]
    Unreadable {
        /// What was asked.
        subject: String,
        /// Where reading ended.
        source: serde_json::Error,
    },
    /// The server refused.
    #[error("{description}")]
    Refused {
        /// The server's words.
        description: String,
    },
    /// Reading broke off; it can begin again where it was.
    #[error("reading stopped: {0}")]
    Interrupted(&'static str),
    /// What comes next is in the stream no longer.
    #[error("the stream has lost events that were not read")]
    Lost,
}

impl StreamError {
    /// As a client is told of it.
    pub(super) fn refusal(&self) -> Refusal {
        match self {
            Self::Silent { .. } | Self::Absent => Refusal::Unreachable,
            _ => Refusal::Stream(self.to_string()),
        }
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    error: Option<Complaint>,
    #[serde(flatten)]
    content: Option<T>,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct StreamInfo {
    created: String,
    state: StreamState,
}

#[derive(Deserialize)]
struct StreamState {
    first_seq: u64,
    last_seq: u64,
}

#[derive(Deserialize)]
struct ConsumerInfo {
    name: String,
    num_pending: u64,
}

impl Stream {
    pub(super) fn new(connection: Connection, name: String) -> Self {
        Self { connection, name }
    }

    /// Waits until there is a connection; an error means there will be none.
    pub(super) async fn connected(&self) {
        let mut state = self.connection.state();
        while !self.connection.is_connected() {
            // The client library tells of a change a moment before or after it can be seen.
            if let Ok(Err(_)) = tokio::time::timeout(Duration::from_millis(100), state.changed()).await {
                std::future::pending::<()>().await;
            }
        }
    }

    /// What the stream holds.
    pub(super) async fn facts(&self) -> Result<Facts, StreamError> {
        let subject = format!("$JS.API.STREAM.INFO.{}", self.name);
        let info: StreamInfo = self.ask(subject, Bytes::new()).await?;
        Ok(Facts {
            created: info.created,
            first: info.state.first_seq,
            last: info.state.last_seq,
        })
    }

    /// A consumer of what matches after a sequence. It lives in the server's memory, and only as long as it is used.
    pub(super) async fn consumer(&self, filter: &Filter, after: u64) -> Result<Consumer, StreamError> {
        let name = format!("feed-{}", Uuid::now_v7().simple());
        let subject = format!("$JS.API.CONSUMER.CREATE.{}.{name}.{filter}", self.name);
        let config = json!({
            "name": name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": after.saturating_add(1),
            "filter_subject": filter.as_str(),
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": u64::try_from(INACTIVE.as_nanos()).unwrap_or(u64::MAX),
            "mem_storage": true,
            "num_replicas": 1,
        });
        let body = json!({"stream_name": self.name, "config": config, "action": "create"});
        let info: ConsumerInfo = self.ask(subject, body.to_string().into()).await?;
        Ok(Consumer {
            name: info.name,
            pending: info.num_pending,
        })
    }

    async fn ask<T: DeserializeOwned>(&self, subject: String, body: Bytes) -> Result<T, StreamError> {
        let request = async_nats::Request::new().payload(body).timeout(Some(WAIT));
        let answer = self
            .connection
            .client()
            .send_request(subject.clone(), request)
            .await;
        let message = answer.map_err(|source| match source.kind() {
            RequestErrorKind::NoResponders => StreamError::Absent,
            _ => StreamError::Silent {
                subject: subject.clone(),
                source,
            },
        })?;
        let answer: Answer<T> =
            serde_json::from_slice(&message.payload).map_err(|source| StreamError::Unreadable {
                subject: subject.clone(),
                source,
            })?;
        match (answer.error, answer.content) {
            (Some(Complaint { description }), _) => Err(StreamError::Refused { description }),
            (None, Some(content)) => Ok(content),
            (None, None) => Err(StreamError::Refused {
                description: format!("the answer on {subject} says nothing"),
            }),
        }
    }
}
