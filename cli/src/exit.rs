//! The exit codes, so that scripts and CI can branch on what happened without reading the words.

use std::process::ExitCode;

/// How a run of `ratectl` ended. The numbers are part of the interface and listed in `ratectl --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for was done.
    Success,
    /// The command failed, or (for `diff`) found differences.
    Failure,
    /// The command line makes no sense.
    Usage,
    /// The project file or a file it names is wrong or missing.
    Configuration,
    /// Docker, the cluster or the NATS server cannot be reached.
    Unreachable,
    /// An image could not be built or pushed.
    Build,
    /// A manifest or a stream definition was not accepted.
    Apply,
    /// What was applied did not become ready.
    Rollout,
    /// The time given was not enough.
    TimedOut,
    /// A guard refused, for example because another instance holds the lock.
    Refused,
    /// `top --fail-on`: something is not as it should be.
    Warned,
    /// `top --fail-on`: something is critical.
    Critical,
    /// `top --fail-on`: it cannot be told, because a source is down or something failed.
    Unknown,
    /// The command line of `top --fail-on` makes no sense; [`Exit::Usage`] is taken by [`Exit::Critical`] there.
    UsageOfCheck,
    /// The terminal has gone (SIGHUP).
    HungUp,
    /// Ended by Ctrl-C (SIGINT).
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// The number the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failure | Exit::Warned => 1,
            Exit::Usage | Exit::Critical => 2,
            Exit::Configuration | Exit::Unknown => 3,
            Exit::Unreachable => 4,
            Exit::Build => 5,
            Exit::Apply => 6,
            Exit::Rollout => 7,
            Exit::TimedOut => 8,
            Exit::Refused => 9,
            Exit::UsageOfCheck => 64,
            Exit::HungUp => 129,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
