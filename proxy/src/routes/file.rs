//! The routes file: YAML, read strictly.

use std::time::Duration;

use contract::envelope::Version;
use http::Method;
use runtime::config::{duration, size};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::table::Conflict;
use super::{Mode, Route, Routes, Template, TemplateError, feed, manifest};

/// Timeout of a route that names none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
/// Body limit of a route that names none, in bytes.
const DEFAULT_BODY_LIMIT: usize = 256 << 10;
/// Longest timeout a route may have: connections in between give up earlier than that.
const MAX_TIMEOUT: Duration = Duration::from_mins(10);
/// Largest body limit in bytes: the most a NATS server can be set to take.
const MAX_BODY_LIMIT: usize = 64 << 20;

/// Why a routes file is refused. `line` and `column` count from 1.
#[derive(Debug, thiserror::Error)]
pub enum RoutesError {
    /// The text is not YAML, or not of the file's shape (an unknown key, a wrong type).
    #[error("{file}: the routes cannot be read")]
    Syntax {
        /// The file's name.
        file: String,
        /// Says the line and column.
        source: Box<serde_saphyr::Error>,
    },
    /// A path template is malformed.
    #[error("{file}:{line}:{column}: the route's path is no template")]
    Template {
        /// The file's name.
        file: String,
        /// Where the path stands.
        line: u64,
        /// Where the path stands.
        column: u64,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// A value is of the right type but makes no sense.
    #[error("{file}:{line}:{column}: {reason}")]
    Value {
        /// The file's name.
        file: String,
        /// Where the value stands.
        line: u64,
        /// Where the value stands.
        column: u64,
        /// What it should have been.
        reason: String,
    },
    /// Two routes claim the same requests.
    #[error("{file}:{line}:{column}: the route collides with the one in line {earlier}: {reason}")]
    Conflict {
        /// The file's name.
        file: String,
        /// Where the later route's path stands.
        line: u64,
        /// Where the later route's path stands.
        column: u64,
        /// The line of the earlier route's path.
        earlier: u64,
        /// What collides.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    defaults: Settings,
    routes: Vec<Entry>,
    feed: Option<feed::Entry>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    mode: Option<Mode>,
    envelope: Option<Envelope>,
    timeout: Option<Spanned<String>>,
    body_limit: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: Spanned<String>,
    methods: Spanned<Vec<Verb>>,
    mode: Option<Mode>,
    envelope: Option<Envelope>,
    timeout: Option<Spanned<String>>,
    body_limit: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Envelope {
    V1,
    V2,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// Reads a routes file, which may also be a `ConfigMap` manifest that holds one; `file` names it in messages.
///
/// # Errors
/// [`RoutesError`] with the place of the first thing that is wrong.
pub fn parse(file: &str, yaml: &str) -> Result<Routes, RoutesError> {
    let read: File =
        serde_saphyr::from_str(&manifest::routes(yaml)).map_err(|source| RoutesError::Syntax {
            file: file.to_owned(),
            source: Box::new(source),
        })?;
    let mut routes = Vec::with_capacity(read.routes.len());
    for (index, entry) in read.routes.iter().enumerate() {
        routes.push(route(file, index, entry, &read.defaults)?);
    }
    let line_of = |index: usize| read.routes[index].path.referenced.line();
    let routes = Routes::build(routes).map_err(
        |Conflict {
             later,
             earlier,
             reason,
         }| RoutesError::Conflict {
            file: file.to_owned(),
            line: line_of(later),
            column: read.routes[later].path.referenced.column(),
            earlier: line_of(earlier),
            reason,
        },
    )?;
    match &read.feed {
        Some(entry) => entry.read(file, &routes).map(|feed| routes.with_feed(feed)),
        None => Ok(routes),
    }
}

fn route(file: &str, index: usize, entry: &Entry, defaults: &Settings) -> Result<Route, RoutesError> {
    let template = Template::parse(&entry.path.value).map_err(|source| RoutesError::Template {
        file: file.to_owned(),
        line: entry.path.referenced.line(),
        column: entry.path.referenced.column(),
        source,
    })?;
    let methods: Vec<Method> = entry.methods.value.iter().map(|verb| verb.method()).collect();
    if methods.is_empty() {
        return Err(value_error(
            file,
            &entry.methods,
            "a route needs at least one method".to_owned(),
        ));
    }
    if let Some(twice) = methods
        .iter()
        .enumerate()
        .find(|(at, method)| methods[..*at].contains(method))
    {
        return Err(value_error(
            file,
            &entry.methods,
            format!("the method {} is named twice", twice.1),
        ));
    }
    let timeout = entry.timeout.as_ref().or(defaults.timeout.as_ref());
    let body_limit = entry.body_limit.as_ref().or(defaults.body_limit.as_ref());
    Ok(Route {
        index,
        template,
        methods,
        mode: entry.mode.or(defaults.mode).unwrap_or_default(),
        envelope: match entry.envelope.or(defaults.envelope) {
            Some(Envelope::V1) => Version::V1,
            Some(Envelope::V2) | None => Version::V2,
        },
        timeout: timeout.map_or(Ok(DEFAULT_TIMEOUT), |text| read_timeout(file, text))?,
        body_limit: body_limit.map_or(Ok(DEFAULT_BODY_LIMIT), |text| read_body_limit(file, text))?,
    })
}

fn read_timeout(file: &str, text: &Spanned<String>) -> Result<Duration, RoutesError> {
    match duration::parse(&text.value) {
        Ok(timeout) if !timeout.is_zero() && timeout <= MAX_TIMEOUT => Ok(timeout),
        _ => Err(value_error(
            file,
            text,
            format!(
                "the timeout '{}' is not between 1ms and 10m, such as 500ms or 5s",
                text.value
            ),
        )),
    }
}

fn read_body_limit(file: &str, text: &Spanned<String>) -> Result<usize, RoutesError> {
    match size::parse(&text.value).map(usize::try_from) {
        Ok(Ok(limit)) if limit <= MAX_BODY_LIMIT => Ok(limit),
        _ => Err(value_error(
            file,
            text,
            format!(
                "the body limit '{}' is not between 0 and 64MiB, such as 256KiB",
                text.value
            ),
        )),
    }
}

pub(super) fn value_error<T>(file: &str, value: &Spanned<T>, reason: String) -> RoutesError {
    RoutesError::Value {
        file: file.to_owned(),
        line: value.referenced.line(),
        column: value.referenced.column(),
        reason,
    }
}

impl Verb {
    fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}
