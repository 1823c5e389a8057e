//! Why there is no way to a profile's cluster.

use std::io;
use std::path::PathBuf;

use super::Origin;
use crate::plain_line::plain_line;
use crate::{kubeconfig, kubernetes};

/// What is wrong with a profile, or with where it leads. When it is [refused](Error::is_refusal) nothing has been sent but perhaps the
/// question which cluster it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such profile.
    #[error("there is no profile '{}' ({origin}) in {}; {advice}", plain_line(name), file.display())]
    Unknown {
        /// The name that was said.
        name: String,
        /// By whom.
        origin: Origin,
        /// The project file.
        file: PathBuf,
        /// What may have been meant.
        advice: String,
    },
    /// Nobody says which of several profiles is meant.
    #[error("which profile? there are {} in {}", profiles.join(", "), file.display())]
    Undecided {
        /// The project file.
        file: PathBuf,
        /// The profiles in it.
        profiles: Vec<String>,
    },
    /// The state folder cannot be used.
    #[error("cannot {operation} {}", path.display())]
    State {
        /// Such as `read`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The kubeconfig cannot be read.
    #[error(transparent)]
    Kubeconfig(#[from] kubeconfig::Error),
    /// The own cluster has no context: it has not been made yet.
    #[error("there is no context {context} in {}: the cluster of profile {profile} has not been made yet", files.join(", "))]
    NoCluster {
        /// The profile.
        profile: String,
        /// Its context.
        context: String,
        /// The kubeconfig files.
        files: Vec<String>,
    },
    /// The context is nowhere.
    #[error("profile {profile} means the context {}, which is not in {}", plain_line(context), files.join(", "))]
    NoContext {
        /// The profile.
        profile: String,
        /// Its context.
        context: String,
        /// The kubeconfig files.
        files: Vec<String>,
    },
    /// The profile does not say which server it means.
    #[error(
        "profile {profile} names the context {}, but not the server that it must lead to",
        plain_line(context)
    )]
    NoServer {
        /// The profile.
        profile: String,
        /// Its context.
        context: String,
        /// The server that the context leads to now.
        found: String,
    },
    /// The context leads to another server.
    #[error(
        "profile {profile} means the server {expected}, but its context {} leads to {}",
        plain_line(context),
        plain_line(found)
    )]
    OtherServer {
        /// The profile.
        profile: String,
        /// Its context.
        context: String,
        /// The server of the profile.
        expected: String,
        /// The server of the context.
        found: String,
    },
    /// The own cluster's context is not the one that was written when the cluster was made.
    #[error(
        "the context {context} is not the cluster that ratectl made: {what} ({})",
        plain_line(found)
    )]
    NotOurs {
        /// The profile.
        profile: String,
        /// The context.
        context: String,
        /// What differs.
        what: &'static str,
        /// The server of the context.
        found: String,
    },
    /// The own cluster's context leads away from this machine, and nothing proves that it is right.
    #[error(
        "the context {context} of this project's own cluster leads to another machine, {}",
        plain_line(found)
    )]
    FarAway {
        /// The profile.
        profile: String,
        /// The context.
        context: String,
        /// The server of the context.
        found: String,
    },
    /// At the end is another cluster.
    #[error("{server} is not the cluster of profile {profile}: the UID of its kube-system is {}, not {expected} ({said})", found.as_deref().map_or("kept secret".into(), plain_line))]
    OtherCluster {
        /// The profile.
        profile: String,
        /// The server.
        server: String,
        /// The UID that it should have.
        expected: String,
        /// Who says so: a file.
        said: String,
        /// The UID that it has, if it may be known.
        found: Option<String>,
    },
    /// It is the cluster of another profile.
    #[error(
        "{server} is the cluster of profile {other}, not of {profile}: the UID of its kube-system is {uid}"
    )]
    ClusterOf {
        /// The profile.
        profile: String,
        /// The profile that the cluster was seen with.
        other: String,
        /// The server.
        server: String,
        /// The UID.
        uid: String,
    },
    /// The cluster says that its registry is one that cannot be its own.
    #[error(
        "the cluster of profile {profile} says that its registry is {}, {why}",
        plain_line(registry)
    )]
    OtherRegistry {
        /// The profile.
        profile: String,
        /// The registry.
        registry: String,
        /// Whose it is.
        why: String,
    },
    /// The context cannot be used.
    #[error("the context {} is not usable: {reason}", plain_line(context))]
    Unusable {
        /// The context.
        context: String,
        /// Why.
        reason: String,
    },
    /// The credentials of the context cannot be had.
    #[error("cannot get the credentials of the context {}: {reason}", plain_line(context))]
    Credentials {
        /// The context.
        context: String,
        /// Why.
        reason: String,
    },
    /// The cluster does not answer.
    #[error(transparent)]
    Kubernetes(#[from] kubernetes::Error),
}

impl Error {
    /// Whether the guard refused: the profile and what is at its end do not belong together.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NoContext { .. }
                | Self::NoServer { .. }
                | Self::OtherServer { .. }
                | Self::NotOurs { .. }
                | Self::FarAway { .. }
                | Self::OtherCluster { .. }
                | Self::ClusterOf { .. }
                | Self::OtherRegistry { .. }
        )
    }
}
