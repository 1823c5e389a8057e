//! How a cluster is: its containers, nodes, registry, profile, components and addresses.

pub(crate) mod condition;
pub(crate) mod connection;

pub use condition::Condition;
