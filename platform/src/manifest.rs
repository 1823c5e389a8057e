//! Manifests: Kubernetes objects as they are written, before any cluster has seen them.
//!
//! A component has a folder of plain YAML that `kubectl apply -f` accepts as it lies. Every subfolder is an overlay: partial objects that are laid over those of the
//! same kind and name, and whole ones that come on top. [`load`] reads and merges, [`with_images`] names what was built,
//! [`with_configuration`] what pods read, [`labelled`] says whose it is, [`layers`] puts it into order, and [`diff`] shows how it differs from what runs.

mod configuration;
mod diff;
mod error;
mod file;
mod image;
mod label;
mod layer;
mod list;
mod load;
mod merge;
mod object;
mod overlay;
mod path;
mod place;
mod required;
mod scope;
mod server;
mod yaml;

pub use configuration::{CONFIGURATION, SALT, read_secrets, with_configuration};
pub use diff::diff;
pub use error::Error;
pub use image::{images, repository, with_images};
pub use label::{COMPONENT, MANAGED_BY, PROJECT, labelled};
pub use layer::{Layer, layers};
pub use load::{load, load_own};
pub use object::{Id, Object};
pub(crate) use server::strip;
