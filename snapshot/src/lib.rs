//! What is known of a running system at one moment, and how it is judged.
//!
//! Sources (elsewhere) watch JetStream, services and Kubernetes and send [`sample::Event`]s. Nothing here does I/O or reads a
//! clock: time comes with the events, so that a recording gives the same picture as the system it was taken from.

pub mod judge;
pub mod lag;
pub mod latency;
mod number;
pub mod record;
pub mod report;
pub mod sample;
mod state;
mod text;
pub mod threshold;

pub use state::{Action, ConsumerKey, Settings, State, StreamKey, update};
