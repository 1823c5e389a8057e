//! Stream and consumer definitions, read from the resources that NACK applies in a cluster.
//!
//! The files under `manifests/streams` are the one place where streams and consumers are described. They are `Stream` and
//! `Consumer` resources of `jetstream.nats.io/v1beta2`; this module turns them into one typed form that serialises as the
//! configuration the JetStream API takes (ADR-1 and the server's `StreamConfig` and `ConsumerConfig`). Only what a file
//! sets is serialised, so that a comparison with a server never argues about the server's defaults.

mod consumer;
mod document;
mod duration;
mod stream;
mod wiring;

pub use consumer::{AckPolicy, ConsumerDefinition, DeliverPolicy, ReplayPolicy};
pub use duration::{DurationError, Nanos};
pub use stream::{Compression, Discard, Retention, Storage, StreamDefinition};
pub use wiring::{ConsumerLimits, Placement, Republish, Source, SubjectTransform};

#[cfg(test)]
mod tests;

/// The only API version that is read.
pub const API_VERSION: &str = "jetstream.nats.io/v1beta2";

/// What a set of files defines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    /// In the order of the files.
    pub streams: Vec<StreamDefinition>,
    /// In the order of the files.
    pub consumers: Vec<ConsumerDefinition>,
}

/// Why a file does not define streams and consumers.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The text is not YAML, or a member is missing, unknown, or of the wrong type.
    #[error("{file}:{line}:{column}: {message}")]
    Yaml {
        /// As the caller named it.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A resource of another kind or version.
    #[error("{file}:{line}: {found} is not a Stream or Consumer of {API_VERSION}")]
    Kind {
        /// As the caller named it.
        file: String,
        /// Where the resource starts, from 1.
        line: usize,
        /// Its kind and version.
        found: String,
    },
    /// The resource is well formed, but says something that cannot hold.
    #[error("{file}:{line}: {message}")]
    Invalid {
        /// As the caller named it.
        file: String,
        /// Where the resource starts, from 1.
        line: usize,
        /// What cannot hold.
        message: String,
    },
    /// A stream, or a consumer of one stream, is defined twice.
    #[error("{what} is defined twice")]
    Twice {
        /// `stream X` or `consumer Y of stream X`.
        what: String,
    },
}

/// Reads one file of YAML documents; `file` is used in error messages only.
///
/// # Errors
/// The first thing in the file that is wrong, with its place.
pub fn parse(file: &str, yaml: &str) -> Result<Definitions, DefinitionError> {
    let mut definitions = Definitions::default();
    for document in document::split(yaml) {
        document.read_into(file, &mut definitions)?;
    }
    definitions.check_unique()?;
    Ok(definitions)
}

impl Definitions {
    /// Adds those of another file.
    ///
    /// # Errors
    /// [`DefinitionError::Twice`] where both define the same.
    pub fn extend(&mut self, other: Self) -> Result<(), DefinitionError> {
        self.streams.extend(other.streams);
        self.consumers.extend(other.consumers);
        self.check_unique()
    }

    /// The stream of that name.
    pub fn stream(&self, name: &str) -> Option<&StreamDefinition> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    fn check_unique(&self) -> Result<(), DefinitionError> {
        for (index, stream) in self.streams.iter().enumerate() {
            if self.streams[..index]
                .iter()
                .any(|earlier| earlier.name == stream.name)
            {
                return Err(DefinitionError::Twice {
                    what: format!("stream {}", stream.name),
                });
            }
        }
        for (index, consumer) in self.consumers.iter().enumerate() {
            let same = |other: &ConsumerDefinition| {
                (&other.stream, &other.durable_name) == (&consumer.stream, &consumer.durable_name)
            };
            if self.consumers[..index].iter().any(same) {
                let what = format!("consumer {} of stream {}", consumer.durable_name, consumer.stream);
                return Err(DefinitionError::Twice { what });
            }
        }
        Ok(())
    }
}
