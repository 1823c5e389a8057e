//! What can go wrong with bundles.

use std::path::PathBuf;

use crate::deploy::PlanError;

/// Why a bundle cannot be made or loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bundle, or a file that goes into it, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The bundle cannot be written. Nothing is left of it; one that was there before is as it was.
    #[error("cannot write {}", path.display())]
    Write {
        /// The bundle.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is some other file.
    #[error("{} is no bundle: {reason}", path.display())]
    NotBundle {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// A later ratectl has made it.
    #[error("{} has format {format}, and this ratectl knows {known}", path.display())]
    Newer {
        /// The bundle.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// It is not as it was made. Nothing has been loaded.
    #[error("{} is damaged: {entry} {reason}", path.display())]
    Damaged {
        /// The bundle.
        path: PathBuf,
        /// What in it.
        entry: String,
        /// How that is wrong.
        reason: String,
    },
    /// No registry has an image.
    #[error("no registry has the image {image}; asked: {}", asked.join(", "))]
    NoImage {
        /// As manifests name it.
        image: String,
        /// The registries.
        asked: Vec<String>,
    },
    /// An image has something other than manifests and layers.
    #[error("the image {image} cannot be bundled: {reason}")]
    Unsupported {
        /// As manifests name it.
        image: String,
        /// What it has.
        reason: String,
    },
    /// An image cannot be fetched, or given to the registry.
    #[error("cannot move the image {image}")]
    Image {
        /// As manifests name it.
        image: String,
        /// Why not.
        source: Box<crate::image::Error>,
    },
    /// What a registry gave is not what it was asked for.
    #[error("the image {image} cannot be trusted: {reason}")]
    Altered {
        /// As manifests name it.
        image: String,
        /// What differs.
        reason: String,
    },
    /// A file cannot go into the cache of downloads.
    #[error("cannot keep {url}")]
    Download {
        /// Where it came from once.
        url: String,
        /// Why not.
        source: Box<crate::download::Error>,
    },
    /// A component that cannot be deployed was asked for.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A component's image cannot be made.
    #[error("cannot have the image of {component}")]
    Build {
        /// The component.
        component: String,
        /// Why not.
        source: Box<crate::image::Error>,
    },
    /// A component's manifests cannot be had.
    #[error("cannot load the manifests of {component}")]
    Manifests {
        /// The component.
        component: String,
        /// Why not.
        source: Box<crate::manifest::Error>,
    },
    /// A chart cannot be had.
    #[error("cannot get the chart {name}")]
    Chart {
        /// The release's name.
        name: String,
        /// Why not.
        source: Box<crate::chart::Error>,
    },
    /// Somebody pressed Ctrl-C.
    #[error("it was cancelled")]
    Cancelled,
}
