//! What can go wrong with what is remembered about a component.

use crate::kubernetes::Cause;

/// Why what is remembered about a component cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not what was written.
    #[error("the inventory ConfigMap {namespace}/{name} in {cluster} cannot be used: {reason}")]
    Malformed {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The context's name.
        cluster: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another run has written it since this one looked.
    #[error("another run is changing component {component} in {cluster}")]
    Changing {
        /// The component.
        component: String,
        /// The context's name.
        cluster: String,
    },
    /// It cannot be read or written.
    #[error("cannot {operation} the inventory ConfigMap {namespace}/{name} in {cluster}")]
    Request {
        /// `read`, `write` or `delete`.
        operation: &'static str,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The context's name.
        cluster: String,
        /// Why.
        source: Cause,
    },
    /// Nothing was ever deployed, or somebody has deleted what was remembered.
    #[error("nothing is known of component {component} in namespace {namespace} of {cluster}")]
    Absent {
        /// The component.
        component: String,
        /// Where was looked.
        namespace: String,
        /// The context's name.
        cluster: String,
    },
    /// There is no such revision.
    #[error("component {component} has no revision {number} to go back to: {reason}")]
    NoRevision {
        /// The component.
        component: String,
        /// Its number.
        number: u64,
        /// Which there are, or why this one cannot be used.
        reason: String,
    },
}
