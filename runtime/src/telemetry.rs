//! One log line an event, as JSON or for people, and the trace context of W3C.
//!
//! A JSON line has `timestamp` (RFC 3339, UTC), `level`, `target`, the constant fields of [`Settings::fields`], `message`, then the event's fields
//! under exactly the names they were given, then those of the spans around it. A request's line:
//!
//! ```
//! # let (elapsed_ms, id, path) = (1.25, "0199", "/users");
//! tracing::info!(Elapsed = elapsed_ms, RequestId = id, RequestPath = path, StatusCode = 200, "request served");
//! ```
//!
//! Nothing a client sends can break a line or colour a terminal: control characters are escaped in both formats.
//! Lines are written by a thread of their own, some milliseconds late and in batches; keep the [`Guard`] of [`init`] until the end of `main`. A log reader that
//! does not read costs lines (their number is logged), never requests.

mod human;
mod json;
mod lines;
mod output;
#[cfg(test)]
mod tests;
pub mod trace;

use std::{io, panic};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt};

use lines::Lines;
pub use output::Output;

/// What is logged when nobody says what. Of a connection to NATS, [`crate::nats`] tells what matters.
const DEFAULT_FILTER: &str = "info,async_nats=warn";

/// How to log.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The form of a line.
    pub format: Format,
    /// Levels, overall and by target: `info`, `warn,proxy=debug`. Without it `RUST_LOG` counts, then `info`.
    pub filter: Option<String>,
    /// Fields on every line, such as `HostName`.
    #[serde(skip)]
    pub fields: Vec<(String, String)>,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people when standard error is a terminal, else JSON.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Human,
}

/// Logging could not start.
#[derive(Debug, Error)]
pub enum Error {
    /// The filter is malformed.
    #[error("`{filter}` is no log filter; write a level, or levels by target like `warn,proxy=debug`")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The process logs already.
    #[error("logging has been started already")]
    AlreadyStarted {
        /// What the registry said.
        #[source]
        source: tracing::subscriber::SetGlobalDefaultError,
    },
    /// The writing thread could not be started.
    #[error("cannot start the log writer")]
    Writer {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// An error and its causes in one line, as the log shows them.
pub fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Writes what is still waiting when dropped.
#[derive(Debug)]
#[must_use = "dropping the guard ends logging"]
pub struct Guard {
    output: Output,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.output.close();
    }
}

/// Logs this process's events to standard error from now on, panics included. `rust_log` is the variable of that name.
///
/// # Errors
/// When the filter is malformed, or logging was started before.
pub fn init(settings: &Settings, rust_log: Option<&str>) -> Result<Guard, Error> {
    let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
    let output = Output::start(io::stderr()).map_err(|source| Error::Writer { source })?;
    let subscriber = subscriber(settings, rust_log, is_terminal, output.clone())?;
    tracing::subscriber::set_global_default(subscriber).map_err(|source| Error::AlreadyStarted { source })?;
    let panicked = output.clone();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "panic: {message}");
        panicked.flush();
    }));
    Ok(Guard { output })
}

/// What [`init`] installs, for programs and tests that compose or write elsewhere.
///
/// # Errors
/// When the filter is malformed.
pub fn subscriber(
    settings: &Settings,
    rust_log: Option<&str>,
    is_terminal: bool,
    output: Output,
) -> Result<impl Subscriber + Send + Sync + use<>, Error> {
    let filter = settings
        .filter
        .as_deref()
        .or(rust_log)
        .filter(|filter| !filter.is_empty());
    let filter = filter.unwrap_or(DEFAULT_FILTER);
    let filter = EnvFilter::builder()
        .parse(filter)
        .map_err(|source| Error::Filter {
            filter: filter.to_owned(),
            source,
        })?;
    let is_human = match settings.format {
        Format::Auto => is_terminal,
        Format::Json => false,
        Format::Human => true,
    };
    let lines = if is_human {
        Lines::human(output, is_terminal, &settings.fields)
    } else {
        Lines::json(output, &settings.fields)
    };
    Ok(Registry::default().with(lines.with_filter(filter)))
}
