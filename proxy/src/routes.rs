//! The route table: which paths and methods are forwarded, how, and within which limits.
//!
//! Nothing is forwarded unless a route says so. Templates are matched on decoded segments, the most specific one wins,
//! and a table in which two templates could claim one path with equal right is refused when it is read.

mod feed;
mod file;
mod manifest;
mod table;
mod template;

use std::time::Duration;

use contract::envelope::Version;
use http::Method;

pub use feed::Feed;
pub use file::{RoutesError, parse};
pub use table::{Found, Resource, Routes};
pub use template::{Template, TemplateError};

/// What happens to a request once its message is in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The worker's answer is awaited and becomes the HTTP answer.
    #[default]
    Queue,
    /// 202 as soon as the stream has stored the message; no answer is awaited.
    Event,
}

/// One entry of the table: a path template with the methods that share its settings.
#[derive(Clone, Debug)]
pub struct Route {
    /// Position in the table; metrics handles are kept by it.
    pub index: usize,
    /// The template, such as `/ratings/{id}`; also the metric label.
    pub template: Template,
    /// The methods forwarded, in the order of the file. `GET` implies `HEAD`.
    pub methods: Vec<Method>,
    /// What is awaited.
    pub mode: Mode,
    /// The envelope the workers of this route understand.
    pub envelope: Version,
    /// Longest time from the request's head to its answer; a client may ask for less.
    pub timeout: Duration,
    /// Largest request body in bytes.
    pub body_limit: usize,
}

#[cfg(test)]
mod tests;
