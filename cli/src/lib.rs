//! What a person types and sees: commands, flags, output, exit codes.
//!
//! The work itself is done by `platform` (machines) and `proxy` (HTTP to NATS); this crate turns arguments into
//! calls, typed events into lines, and typed errors into words with a hint and an exit code.

mod app;
mod board;
mod commands;
mod differences;
mod error;
mod exit;
mod gateway;
mod lookout;
mod progress;
mod project;
mod session;
mod signals;
mod top;
mod ui;

pub use app::{command, run};
pub use error::Error;
pub use exit::Exit;
pub use ui::{Streams, Ui};
