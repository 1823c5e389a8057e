//! `ratectl` as people and scripts use it: the real program, with an environment of its own.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod completions;
mod environment;
mod help;
mod man;
