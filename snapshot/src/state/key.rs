//! Names of streams and consumers.

use serde::{Deserialize, Serialize};

/// A stream of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamKey {
    /// Name of the account; none: the observer's own.
    pub account: Option<String>,
    /// Name of the stream.
    pub stream: String,
}

/// A consumer of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConsumerKey {
    /// Name of the account; none: the observer's own.
    pub account: Option<String>,
    /// Name of the stream.
    pub stream: String,
    /// Name of the consumer.
    pub consumer: String,
}

impl StreamKey {
    /// A consumer of it.
    pub fn consumer(&self, name: &str) -> ConsumerKey {
        ConsumerKey {
            account: self.account.clone(),
            stream: self.stream.clone(),
            consumer: name.to_owned(),
        }
    }
}

impl ConsumerKey {
    /// Its stream.
    pub fn stream(&self) -> StreamKey {
        StreamKey {
            account: self.account.clone(),
            stream: self.stream.clone(),
        }
    }

    /// `STREAM/consumer`, as problems and events name it.
    pub fn object(&self) -> String {
        format!("{}/{}", self.stream, self.consumer)
    }
}
