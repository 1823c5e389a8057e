//! What can be wrong with configuration, said so that it can be put right.

use std::{error::Error as StdError, io, path::PathBuf};

use thiserror::Error;

use super::Origin;

/// Configuration could not be read.
#[derive(Debug, Error)]
pub enum Error {
    /// A file that was named could not be read.
    #[error("cannot read the configuration file {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file is no YAML.
    #[error("{origin}: {what}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What is wrong.
        what: String,
    },
    /// A key that nothing reads.
    #[error("{origin}: `{key}` is not a known key; {}", hint(near.as_deref(), known))]
    Unknown {
        /// The dotted key.
        key: String,
        /// Who gave it.
        origin: Origin,
        /// The known key that looks most like it.
        near: Option<String>,
        /// All keys known at that place.
        known: Vec<String>,
    },
    /// A key that must be given.
    #[error("`{key}` is missing; give it in the configuration file or as the variable {variable}")]
    Missing {
        /// The dotted key.
        key: String,
        /// The variable that can set it.
        variable: String,
    },
    /// A value that does not fit its key.
    #[error("{origin}: `{key}` is wrong: {what}")]
    Invalid {
        /// The dotted key.
        key: String,
        /// Who gave the value.
        origin: Origin,
        /// What was expected.
        what: String,
    },
    /// A secret's file could not be read.
    #[error("{origin}: cannot read `{key}` from {}", file.display())]
    SecretFile {
        /// The dotted key.
        key: String,
        /// Who named the file.
        origin: Origin,
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The argument of an assigning flag has no key.
    #[error("{flag} needs `key=value`, not `{argument}`")]
    Assignment {
        /// The flag.
        flag: String,
        /// What was given.
        argument: String,
    },
}

/// Configuration could not be written.
#[derive(Debug, Error)]
#[error("cannot write the configuration as YAML")]
pub struct RenderError {
    /// What the serializer said.
    #[source]
    pub source: Box<dyn StdError + Send + Sync>,
}

fn hint(near: Option<&str>, known: &[String]) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "no keys are known here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}
