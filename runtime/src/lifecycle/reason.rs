//! Why a process stopped, and the exit code that says so.

use std::{fmt, process::ExitCode};

/// A signal that asks the process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C in a terminal.
    Interrupt,
    /// A service manager or `kill`.
    Terminate,
}

/// Why a stop began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A signal from outside.
    Signal(Signal),
    /// The program had done its work, or its owner asked for the end.
    Requested,
    /// Something the program cannot live without has failed; the sentence says what.
    Failure(String),
}

impl Reason {
    /// 0 for a stop that was asked for (a drained SIGTERM is a success for a service), 1 for a failure.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Signal(_) | Self::Requested => ExitCode::SUCCESS,
            Self::Failure(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(signal) => write!(f, "{signal} received"),
            Self::Requested => f.write_str("stop requested"),
            Self::Failure(what) => f.write_str(what),
        }
    }
}
