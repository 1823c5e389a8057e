//! Real servers as children of a test, a benchmark or a fault run: nats-server with JetStream, PostgreSQL.
//!
//! Every child listens on a free loopback port, keeps its data in a folder of its own and ends with the process
//! that started it, even when that process is killed (see [`guard`]). Nothing here is meant for production.
//! The exception is [`engine`]: a Docker engine that misbehaves on demand.

pub mod engine;
pub mod error;
pub mod guard;
pub mod nats;
pub mod postgres;
pub mod program;

pub use error::Error;
pub use program::Program;

use std::path::{Path, PathBuf};

/// The root of the repository: where `manifests/` and `.tools/` lie.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
