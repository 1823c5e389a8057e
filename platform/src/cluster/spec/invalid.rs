//! What is wrong with a value, who gave it, and where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::plain_line::plain_line;

/// Why a text is no value of its kind; it names the text, and what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Who said something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it is the default.
    #[default]
    Default,
    /// A file.
    File {
        /// The file.
        file: Arc<Path>,
        /// From 1.
        line: u64,
        /// From 1.
        column: u64,
    },
    /// The command line: the flag's name, such as `--port`.
    Flag(&'static str),
}

/// `ratectl.yaml:3:5`, `--port` or `the default`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::File { file, line, column } => write!(f, "{}:{line}:{column}", file.display()),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value and who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// What was said.
    pub value: T,
    /// By whom.
    pub origin: Origin,
}

impl<T> Said<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::new(self.origin.clone(), message)
    }
}

/// Why a cluster cannot be as somebody wants it: `<who said so>: <what is wrong>`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct Error {
    /// Who said what is wrong. A flag is a matter of usage, a file of configuration.
    pub origin: Origin,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Error {
    pub(crate) fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self {
            origin,
            message: message.into(),
        }
    }
}

/// `text` between quotes: harmless on a terminal, and cut where nobody reads on.
pub(crate) fn quoted(text: &str) -> String {
    let visible = |c: char| match c {
        // Not skipped, as it is in logs: without it the text may look right.
        c if c.is_control() => c.escape_debug().to_string(),
        c => c.to_string(),
    };
    let mut shown = plain_line(&text.chars().map(visible).collect::<String>());
    if let Some((end, _)) = shown.char_indices().nth(LONGEST_QUOTE) {
        shown.truncate(end);
        shown.push('…');
    }
    format!("'{shown}'")
}

/// Characters of a quote that are shown.
const LONGEST_QUOTE: usize = 80;
