//! A complaint of serde on its way up, collecting the key and the origin.

use std::{fmt, io, path::PathBuf};

use serde::de;

use crate::config::{Error, Origin, near::nearest};

#[derive(Debug)]
pub(super) struct Fault {
    what: What,
    /// Innermost key first.
    path: Vec<String>,
    origin: Option<Origin>,
}

#[derive(Debug)]
enum What {
    Unknown { field: String, known: Vec<String> },
    Missing { field: String },
    Invalid(String),
    SecretFile { file: PathBuf, source: io::Error },
}

impl Fault {
    pub(super) fn invalid(what: impl Into<String>) -> Self {
        Self::new(What::Invalid(what.into()))
    }

    pub(super) fn secret_file(file: PathBuf, source: io::Error) -> Self {
        Self::new(What::SecretFile { file, source })
    }

    fn new(what: What) -> Self {
        Self {
            what,
            path: Vec::new(),
            origin: None,
        }
    }

    /// Notes the key on the way up.
    pub(super) fn within(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// Notes the origin, unless a deeper one is known.
    pub(super) fn given_by(mut self, origin: &Origin) -> Self {
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    pub(super) fn into_error(mut self, prefix: &str) -> Error {
        self.path.reverse();
        let origin = self.origin.unwrap_or(Origin::Nowhere);
        let dotted = |path: &[String], last: Option<&str>| {
            let parts: Vec<&str> = path.iter().map(String::as_str).chain(last).collect();
            parts.join(".")
        };
        match self.what {
            What::Unknown { field, known } => Error::Unknown {
                key: dotted(&self.path, Some(&field)),
                near: nearest(&field, known.iter().map(String::as_str))
                    .map(|near| dotted(&self.path, Some(near))),
                origin,
                known,
            },
            What::Missing { field } => {
                let key = dotted(&self.path, Some(&field));
                let variable = format!("{prefix}_{}", key.replace('.', "__").to_uppercase());
                Error::Missing { key, variable }
            }
            What::Invalid(what) => Error::Invalid {
                key: dotted(&self.path, None),
                origin,
                what,
            },
            What::SecretFile { file, source } => Error::SecretFile {
                key: dotted(&self.path, None),
                origin,
                file,
                source,
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Unknown { field, .. } => write!(f, "unknown key `{field}`"),
            What::Missing { field } => write!(f, "missing key `{field}`"),
            What::Invalid(what) => f.write_str(what),
            What::SecretFile { file, .. } => write!(f, "unreadable file {}", file.display()),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::invalid(message.to_string())
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let known = known.iter().map(|&name| name.to_owned()).collect();
        Self::new(What::Unknown {
            field: field.to_owned(),
            known,
        })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing {
            field: field.to_owned(),
        })
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        let hint = nearest(variant, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
        let known = known.join(", ");
        Self::invalid(format!(
            "`{variant}` is none of {known}{}",
            hint.unwrap_or_default()
        ))
    }
}
