//! Bundles: one file with everything that a deployment needs from elsewhere, for a place that has no way there.
//!
//! A bundle is a tar archive, gzipped if its name says so. `bundle.json` comes first and names everything that follows with its size and
//! SHA-256; beside it lie `oci-layout` and `index.json`, so that other programs find the images as well. Nothing in it depends on when or
//! where it was made: the same contents give the same bytes.
//!
//! [`create`] writes one, layer by layer from the registries, never with more than a piece of a layer in memory. [`load`] looks at every checksum
//! before it does anything, then fills the cache of downloads and gives the images to a registry.

mod archive;
mod create;
mod error;
mod gather;
mod index;
mod load;
mod opened;
mod source;

pub use create::{Contents, Created, create};
pub use error::Error;
pub use gather::{Sources, gather};
pub use index::{FORMAT, Image, Index};
pub use load::{Loaded, LoadedImage, load};
pub use source::{PinnedFile, Wanted};

#[cfg(test)]
mod tests;
