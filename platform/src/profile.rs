//! Profiles in use: which one is meant, and the way to its cluster and registry that no mistake leads elsewhere.
//!
//! A client is only ever built from the profile's context, whatever `kubectl` uses by itself, and handed out after it has been proved
//! that the profile means the cluster at its end:
//!
//! 1. The context is there, and its server is the profile's `server:`. A profile without a context means the project's own cluster
//!    `k3d-<name>`; its context must be the one that `ratectl` wrote when it made that cluster, or else lead to this machine.
//! 2. The UID of the namespace `kube-system`, which no other cluster has, is the profile's `uid:` or the one seen at the first
//!    contact, and not one that another profile of the project was seen with.
//!
//! Up to there nothing is sent but the one `GET` that asks for the UID, and nothing at all when 1 does not hold.

mod choice;
mod error;
mod link;
mod memory;
mod own;
mod registry;
mod target;
mod verify;

pub use choice::{Chosen, Origin, choose, own};
pub use error::Error;
pub use memory::Memory;
pub(crate) use own::{forget as forget_own, remember as remember_own};
pub use target::{Target, look_at};

#[cfg(test)]
mod tests;
