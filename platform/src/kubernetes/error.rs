//! What can go wrong between us and a cluster's API.

use std::error::Error as StdError;
use std::io;

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
        source: Box<kube::Error>,
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

/// Why a request failed, in a few words: what the server says, or the innermost cause, as the outer ones only say that there is one.
pub(super) fn brief(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return text::line(&status.message);
    }
    let innermost = causes(error).last().map_or_else(String::new, ToString::to_string);
    text::line(&innermost)
}

/// Whether nobody listens there.
pub(super) fn is_refused(error: &kube::Error) -> bool {
    let mut io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    io.any(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The error and what caused it.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
