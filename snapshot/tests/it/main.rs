//! The whole of it, from events to the report, on a model of JetStream that knows the truth.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod absurd;
mod conduct;
mod fleet;
mod lab;
mod many;
mod replay;
mod schema;
mod simulator;
mod situations;
mod truth;
