//! What is wrong at this moment, before it is decided whether that ends the wait.

use std::time::Duration;

use super::Kind;

/// For what may come a moment later by itself: an object that somebody else writes, a controller's next try.
pub(super) const MOMENT: Duration = Duration::from_secs(3);
/// For a fetch that failed for reasons of the network: the second try comes ten seconds after the first. When that has failed too is seen
/// from the warnings; this is for where they are not kept.
pub(super) const SECOND_TRY: Duration = Duration::from_secs(15);
/// For what other pods or nodes may make possible.
pub(super) const OTHERS: Duration = Duration::from_mins(1);

/// How long something may be wrong before waiting does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// This long without a break.
    For(Duration),
    /// This long without a break, from when nothing else is under way that may mend it.
    Alone(Duration),
    /// As long as the wait lasts: Kubernetes itself gives it up, or the limit ends it.
    Whole,
}

/// The log that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) pod: String,
    pub(super) container: String,
    /// That of the run before, as far as it is kept.
    pub(super) previous: bool,
}

/// What `kubectl` shows more, or helps, with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// `kubectl describe` of something, or `kubectl get` of all of a kind where no name is given.
    Describe { kind: String, name: String },
    /// All of a kind.
    Get(&'static str),
    /// Deleting a pod of this name, so that a new one takes its place.
    DeletePod(String),
    /// The log.
    Logs,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) patience: Patience,
    /// The container it is about, or another thing that tells findings of one kind apart.
    pub(super) part: String,
    /// For who waits: `proxy-abc: readiness probe failing`.
    pub(super) brief: String,
    /// For who is told in the end.
    pub(super) cause: String,
    /// The objects whose warnings are evidence, by UID.
    pub(super) involved: Vec<String>,
    pub(super) log: Option<Log>,
    pub(super) look: Look,
}
