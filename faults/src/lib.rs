//! What happens when a part of the system dies, hangs or restarts while 64 writers are at work.
//!
//! Real processes are killed and paused; every request and answer is recorded; a checker then compares the record with
//! what is there in the end. One lost or doubled write fails the run.

pub mod checker;
pub mod child;
pub mod client;
pub mod database;
mod error;
pub mod events;
pub mod fault;
pub mod findings;
pub mod history;
pub mod report;
pub mod run;
pub mod stage;
pub mod system;
pub mod writer;

pub use error::Error;
