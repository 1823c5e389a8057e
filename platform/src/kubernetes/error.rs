//! What can go wrong between us and a cluster's API.

use std::error::Error as StdError;
use std::{fmt, io};

use kube::runtime::watcher;

use super::text;

/// Why a cluster cannot be asked or told something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kubeconfig entry cannot be used.
    #[error("the kubeconfig entry {entry} is not usable: {reason}")]
    Entry {
        /// The context's name.
        entry: String,
        /// Which part of it, and why.
        reason: String,
    },
    /// The API server refuses or does not answer.
    #[error("cannot {operation} in {cluster}")]
    Request {
        /// Such as `list nodes`.
        operation: String,
        /// The context's name.
        cluster: String,
        /// Why.
        source: Box<Cause>,
    },
    /// What is in the cluster is not what it should be.
    #[error("{object} in {cluster} is malformed: {reason}")]
    Malformed {
        /// Such as `ConfigMap kube-public/local-registry-hosting`.
        object: String,
        /// The context's name.
        cluster: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a request failed. Says so in a few words, where the client's own error says it in layers.
#[derive(Debug)]
pub struct Cause(kube::Error);

impl Cause {
    pub(crate) fn new(error: kube::Error) -> Self {
        Self(error)
    }

    /// The client's error.
    pub fn error(&self) -> &kube::Error {
        &self.0
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&brief(&self.0))
    }
}

impl StdError for Cause {}

/// Why a request failed, in a few words: what the server says, or the innermost cause, as the outer ones only say that there is one.
pub(crate) fn brief(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        let said = text::line(&status.message);
        return if said.is_empty() {
            format!("HTTP status {}", status.code)
        } else {
            said
        };
    }
    let innermost = causes(error).last().map_or_else(String::new, ToString::to_string);
    text::line(&innermost)
}

/// Why a watch failed, in a few words.
pub(crate) fn brief_of_watch(error: &watcher::Error) -> String {
    let request = causes(error).find_map(|cause| cause.downcast_ref::<kube::Error>());
    request.map_or_else(|| text::line(&error.to_string()), brief)
}

/// Whether a watch failed because the API server refuses to show this to us.
pub(crate) fn is_forbidden(error: &watcher::Error) -> bool {
    let mut requests = causes(error).filter_map(|cause| cause.downcast_ref::<kube::Error>());
    requests.any(|error| matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403)))
}

/// Whether nobody listens there.
pub(super) fn is_refused(error: &kube::Error) -> bool {
    let mut io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    io.any(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The error and what caused it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_api_server() {
        let status = Status::failure("nodes is forbidden:\n\u{1b}[31mno", "Forbidden").with_code(403);
        let error = Error::Request {
            operation: "list nodes".to_owned(),
            cluster: "k3d-dev".to_owned(),
            source: Box::new(Cause::new(kube::Error::Api(status.boxed()))),
        };
        assert_eq!(error.to_string(), "cannot list nodes in k3d-dev");
        assert_eq!(error.source().unwrap().to_string(), "nodes is forbidden: no");
    }

    #[test]
    fn a_lost_connection_is_told_by_its_innermost_cause() {
        let reset = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let error = kube::Error::Service(Box::new(io::Error::other(reset())));
        assert_eq!(brief(&error), reset().to_string());
        let watch = watcher::Error::InitialListFailed(kube::Error::Service(Box::new(reset())));
        assert_eq!(brief_of_watch(&watch), reset().to_string());
        assert!(is_refused(&kube::Error::Service(Box::new(reset()))));
    }
}
