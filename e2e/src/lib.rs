//! The test bed of everything that needs a Docker engine and a Kubernetes: a folder, a cluster name and ports for
//! each test, commands with a time limit, and an end that leaves nothing behind.
//!
//! The engine and its images come from `tools/e2e`; see `e2e/README.md`. A failed assertion is a panic, as in any test.
//! The test's [`Bed`] then leaves a folder with what is needed to find out why.

mod bed;
mod engine;
mod go_module;
mod process;
mod run;
mod until;
pub mod visitor;

pub use bed::{Bed, Shared};
pub use go_module::go_module;
pub use process::Process;
pub use run::Run;
pub use until::{eventually, until};

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo builds: `CARGO_TARGET_DIR` or `target/`.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

/// `ratectl`: `RATECTL`, or the program that cargo built beside the one that runs.
///
/// # Panics
/// When it has not been built.
fn ratectl() -> PathBuf {
    if let Some(program) = std::env::var_os("RATECTL") {
        return PathBuf::from(program);
    }
    let own = std::env::current_exe().expect("the system says where this program lies");
    let built = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("ratectl"));
    built
        .into_iter()
        .find(|program| program.is_file())
        .expect("ratectl is not built: `cargo build -p cli` first, or run `make e2e`, which does")
}
