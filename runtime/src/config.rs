//! Configuration from a YAML file, the environment and flags, in that order of strength, into one struct.
//!
//! ```
//! use runtime::config::{Layers, Secret, duration};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Deserialize, Serialize)]
//! struct Config {
//!     nats: Nats,
//! }
//!
//! #[derive(Debug, Deserialize, Serialize)]
//! struct Nats {
//!     url: String,
//!     #[serde(with = "duration", default = "five_seconds")]
//!     timeout: std::time::Duration,
//!     token: Option<Secret>,
//! }
//!
//! fn five_seconds() -> std::time::Duration {
//!     std::time::Duration::from_secs(5)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config: Config = Layers::new("PROXY")
//!     .text("proxy.yaml", "nats: {url: nats://localhost}")
//!     .environment([("PROXY_NATS__TIMEOUT", "250ms"), ("PROXY_NATS__TOKEN", "s3cret")])
//!     .flag("--nats", "nats.url", "nats://elsewhere")
//!     .load()?;
//! assert_eq!(config.nats.url, "nats://elsewhere");
//! assert!(!runtime::config::render(&config)?.contains("s3cret"));
//! # Ok(())
//! # }
//! ```
//!
//! A key `a.b_c` is the variable `PREFIX_A__B_C`. Values of variables and flags are text that becomes what the field asks for; a
//! list is `one, two`, and anything YAML can be written in its flow form (`[one, two]`, `{key: value}`). A [`Secret`] `token` may
//! also be given as `token_file`, the path of a file that holds it. Keys that no struct has are errors, except
//! the variables that Kubernetes sets for services (`PREFIX_SERVICE_HOST`, `PREFIX_PORT` and so on).

pub mod duration;
mod error;
mod near;
mod read;
mod secret;
pub mod size;
#[cfg(test)]
mod tests;
mod tree;
mod yaml;

use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};

pub use error::{Error, RenderError};
pub use secret::Secret;
pub use tree::Origin;
use tree::Tree;

/// The places to read configuration from; [`Layers::load`] reads them.
#[derive(Clone, Debug)]
pub struct Layers {
    prefix: String,
    documents: Vec<Document>,
    variables: Vec<(String, String)>,
    flags: Vec<Flag>,
}

#[derive(Clone, Debug)]
enum Document {
    File(PathBuf),
    Text { name: String, yaml: String },
}

#[derive(Clone, Debug)]
struct Flag {
    name: String,
    key: String,
    value: String,
}

impl Layers {
    /// No layers yet; variables will be those that begin with `prefix` and an underscore.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            documents: Vec::new(),
            variables: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// Adds a YAML file. A later file is stronger than an earlier one.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.documents.push(Document::File(path.as_ref().to_owned()));
        self
    }

    /// Adds YAML text, as if it were a file of that name.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, yaml: impl Into<String>) -> Self {
        self.documents.push(Document::Text {
            name: name.into(),
            yaml: yaml.into(),
        });
        self
    }

    /// Adds the variables of an environment (`std::env::vars()` in a program) that begin with the prefix.
    #[must_use]
    pub fn environment<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        self.variables.extend(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        self
    }

    /// Adds a flag that was given: its name as typed (`--nats`), the dotted key it sets, and its value.
    #[must_use]
    pub fn flag(mut self, name: impl Into<String>, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.flags.push(Flag {
            name: name.into(),
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Adds a flag when it was given.
    #[must_use]
    pub fn maybe_flag(
        self,
        name: impl Into<String>,
        key: impl Into<String>,
        value: Option<impl Into<String>>,
    ) -> Self {
        match value {
            Some(value) => self.flag(name, key, value),
            None => self,
        }
    }

    /// Adds the argument of a flag that sets any key, like `--set nats.url=nats://elsewhere`.
    ///
    /// # Errors
    /// When the argument has no `=` or no key before it.
    pub fn assignment(self, flag: &str, argument: &str) -> Result<Self, Error> {
        match argument.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok(self.flag(format!("{flag} {}", key.trim()), key.trim(), value))
            }
            _ => Err(Error::Assignment {
                flag: flag.to_owned(),
                argument: argument.to_owned(),
            }),
        }
    }

    /// Reads all layers into `T`.
    ///
    /// # Errors
    /// Names the file, line and column, the variable, or the flag that is wrong, and for an unknown key one that is near.
    pub fn load<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut tree = Tree::empty();
        for document in &self.documents {
            tree.merge(match document {
                Document::File(path) => yaml::read_file(path)?,
                Document::Text { name, yaml } => yaml::parse(name, yaml)?,
            });
        }
        for (name, value) in &self.variables {
            if let Some(key) = self.key_of(name, value) {
                tree.set(&key, value, &Origin::Variable { name: name.clone() })?;
            }
        }
        for Flag { name, key, value } in &self.flags {
            let key: Vec<String> = key.split('.').map(str::to_owned).collect();
            tree.set(&key, value, &Origin::Flag { name: name.clone() })?;
        }
        read::into(tree, &self.prefix)
    }

    fn key_of(&self, variable: &str, value: &str) -> Option<Vec<String>> {
        let rest = variable.strip_prefix(&self.prefix)?.strip_prefix('_')?;
        if rest.is_empty() || is_service_link(rest, value) {
            return None;
        }
        Some(rest.split("__").map(str::to_lowercase).collect())
    }
}

/// Kubernetes gives a pod variables for every service of its namespace (`PROXY_SERVICE_HOST`, `PROXY_PORT_80_TCP_ADDR`); a service
/// named like our prefix would look like configuration.
fn is_service_link(rest: &str, value: &str) -> bool {
    rest == "SERVICE_HOST"
        || rest.starts_with("SERVICE_PORT")
        || (rest == "PORT" && value.contains("://"))
        || (rest.starts_with("PORT_") && (rest.contains("_TCP") || rest.contains("_UDP")))
}

/// The configuration as YAML, with secrets redacted.
///
/// # Errors
/// When the value cannot be written as YAML.
pub fn render<T: Serialize>(config: &T) -> Result<String, RenderError> {
    serde_saphyr::to_string(config).map_err(|source| RenderError {
        source: source.into(),
    })
}
