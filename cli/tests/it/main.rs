//! `ratectl` as people and scripts use it: the real program, with an environment of its own.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod aliases;
mod client;
mod cluster;
mod completions;
mod configuration;
mod dev;
mod doctor;
mod environment;
mod feed;
mod foreign;
mod greetings;
mod help;
mod man;
mod processes;
mod pty;
mod rating;
mod status;
mod streams;
mod system;
mod tools;
mod top;
mod watching;
