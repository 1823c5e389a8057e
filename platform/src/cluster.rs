//! Clusters: Kubernetes nodes in containers of a Docker engine, under k3d's names and labels.

pub mod labels;
pub mod registries;
pub mod spec;

pub use spec::{Name, Spec};
