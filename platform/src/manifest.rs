//! Manifests: Kubernetes objects as they are written, before any cluster has seen them.

mod object;

pub use object::{Id, Object};
