//! The two questions to the `JetStream` API that the linter asks.

use std::time::Duration;

use async_nats::{Client, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How long the server may take to answer.
const WAIT: Duration = Duration::from_secs(2);

/// Why the server did not tell.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No answer, or nobody to answer.
    #[error("JetStream does not answer on {subject}")]
    Silent {
        /// The API subject asked.
        subject: String,
        /// What the connection said.
        source: async_nats::RequestError,
    },
    /// The answer is no JSON of the expected shape.
    #[error("JetStream answers unreadably on {subject}")]
    Unreadable {
        /// The API subject asked.
        subject: String,
        /// Where reading ended.
        source: serde_json::Error,
    },
    /// The server refused.
    #[error("JetStream refuses {subject}: {description}")]
    Refused {
        /// The API subject asked.
        subject: String,
        /// The server's words.
        description: String,
    },
}

/// What the linter looks at in a stream's configuration.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Stream {
    pub(super) name: String,
    #[serde(default)]
    pub(super) subjects: Vec<String>,
    #[serde(default)]
    pub(super) no_ack: bool,
    #[serde(default)]
    pub(super) allow_msg_ttl: bool,
    #[serde(default = "no_limit")]
    pub(super) max_msg_size: i64,
    #[serde(default)]
    pub(super) discard: String,
}

fn no_limit() -> i64 {
    -1
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    streams: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Info {
    config: Stream,
}

#[derive(Deserialize)]
struct Failed {
    error: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    description: String,
}

/// The streams that take at least some of the subjects of a filter.
pub(super) async fn streams_for(client: &Client, filter: &str) -> Result<Vec<Stream>, ApiError> {
    let body = serde_json::json!({ "subject": filter }).to_string();
    let names: Names = ask(client, "$JS.API.STREAM.NAMES".to_owned(), body).await?;
    let mut streams = Vec::new();
    for name in names.streams.unwrap_or_default() {
        let info: Info = ask(client, format!("$JS.API.STREAM.INFO.{name}"), String::new()).await?;
        streams.push(info.config);
    }
    Ok(streams)
}

async fn ask<T: DeserializeOwned>(client: &Client, subject: String, body: String) -> Result<T, ApiError> {
    let request = Request::new().payload(body.into()).timeout(Some(WAIT));
    let answer = client
        .send_request(subject.clone(), request)
        .await
        .map_err(|source| ApiError::Silent {
            subject: subject.clone(),
            source,
        })?;
    if let Ok(Failed { error: Some(reason) }) = serde_json::from_slice(&answer.payload) {
        return Err(ApiError::Refused {
            subject,
            description: reason.description,
        });
    }
    serde_json::from_slice(&answer.payload).map_err(|source| ApiError::Unreadable { subject, source })
}
