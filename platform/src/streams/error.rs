//! What can go wrong between a definition and a server.

use std::path::PathBuf;

use contract::definition::DefinitionError;

use super::compare::{Difference, FieldChange, Resource, Verdict};

/// An answer of the JetStream API that says no.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, thiserror::Error)]
#[error("{description} (error {err_code}, status {code})")]
pub struct ApiError {
    /// In the manner of HTTP: 400, 404, 503.
    pub code: u16,
    /// JetStream's own number, stable over versions; 10059 is "stream not found".
    #[serde(default)]
    pub err_code: u32,
    /// The server's words.
    #[serde(default)]
    pub description: String,
}

/// Why streams cannot be listed, compared or applied.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of definitions cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder has no `.yaml` file.
    #[error("there are no stream definitions (*.yaml) in {}", folder.display())]
    NoFiles {
        /// The folder.
        folder: PathBuf,
    },
    /// A file is not a set of definitions. Names its own place.
    #[error("the stream definitions are wrong")]
    Definition(#[from] DefinitionError),
    /// A consumer's stream is defined nowhere and is not on the server either.
    #[error("consumer {consumer} belongs to stream {stream}, which is neither defined nor on the server")]
    NoStream {
        /// The consumer.
        consumer: String,
        /// The stream it names.
        stream: String,
    },
    /// No server answers at the URL.
    #[error("cannot connect to the NATS server at {url}")]
    Connect {
        /// Without credentials.
        url: String,
        /// Why.
        source: async_nats::ConnectError,
    },
    /// The server runs without JetStream, or this account may not use it.
    #[error(
        "the NATS server at {url} has no JetStream for us; start it with `nats-server --jetstream`, or enable JetStream for the account"
    )]
    NoJetStream {
        /// Without credentials.
        url: String,
    },
    /// The server did not answer in time, or the connection broke.
    #[error("the NATS server did not answer {operation}")]
    Unanswered {
        /// Such as `create stream REQUESTS`.
        operation: String,
        /// Why.
        source: async_nats::RequestError,
    },
    /// The answers to what is sent cannot be listened to.
    #[error("cannot listen to the answers to messages of stream {stream}")]
    Listen {
        /// The stream.
        stream: String,
        /// Why.
        source: async_nats::SubscribeError,
    },
    /// The user's credentials cannot be used.
    #[error("cannot sign in to the NATS server at {url}: {reason}")]
    SignIn {
        /// Without credentials.
        url: String,
        /// Why, in words.
        reason: String,
    },
    /// The server answered something that is not the API's JSON.
    #[error("cannot understand the NATS server's answer to {operation}")]
    Malformed {
        /// Such as `create stream REQUESTS`.
        operation: String,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The server refused.
    #[error("the NATS server refused to {operation}")]
    Refused {
        /// Such as `create stream REQUESTS`.
        operation: String,
        /// Its reason.
        source: ApiError,
    },
    /// Something that cannot be changed would have to be; nothing was changed.
    #[error(
        "{}: only deleting it and creating it anew helps, and that loses the messages of a stream and the place of a consumer",
        immutable_text(differences)
    )]
    Immutable {
        /// Everything that stands in the way.
        differences: Vec<Difference>,
    },
    /// The server said yes and did something else; an old one does not know newer settings.
    #[error(
        "the NATS server accepted {resource} but did not take over {}; a newer server may",
        FieldChange::list(changes)
    )]
    NotTaken {
        /// Which stream or consumer.
        resource: Resource,
        /// What is still different.
        changes: Vec<FieldChange>,
    },
}

fn immutable_text(differences: &[Difference]) -> String {
    let text = |difference: &Difference| match &difference.verdict {
        Verdict::Immutable { changes } => {
            format!(
                "{} on the server cannot be changed as defined ({})",
                difference.resource,
                FieldChange::list(changes)
            )
        }
        _ => difference.resource.to_string(),
    };
    differences.iter().map(text).collect::<Vec<_>>().join("; ")
}
