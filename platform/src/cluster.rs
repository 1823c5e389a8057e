//! Clusters: Kubernetes nodes in containers of a Docker engine, under k3d's names and labels.

mod error;
mod found;
mod holder;
pub mod k3d_file;
pub mod labels;
mod maker;
pub(crate) mod places;
pub mod registries;
mod report;
mod setup;
pub mod spec;

pub use error::{Difference, Error, Source};
pub use found::{Container, Found, Published, Role, State, find, list};
pub use holder::Holder;
pub use maker::Maker;
pub use report::{Deleted, Kept, RegistryNames, Stopped, Summary, Usable};
pub use setup::{CreateOptions, DeleteOptions, Setup, StartOptions, StopOptions};
pub use spec::{Name, Spec};
