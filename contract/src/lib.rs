//! The wire contract between an HTTP proxy and the workers behind `JetStream`: subjects, headers, envelopes, problem
//! details, and the stream and consumer definitions both rely on.
//!
//! Nothing here does I/O or reads a clock, so both sides, tests and fuzzers use the same code.
//! `docs/PROTOCOL.md` says the same in words, for workers written in other languages.

pub mod definition;
pub mod envelope;
pub mod headers;
pub mod problem;
pub mod subject;
