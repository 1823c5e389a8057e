//! From memory to a registry, without an engine.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::try_join_all;

use crate::image::Error;
use crate::image::registry::{Blob, Repository};
use crate::image::scratch::{Assembled, MANIFEST};

/// Uploads what the registry does not have, and tags it; its digest comes back. `on_progress` is told bytes done and in all.
///
/// # Errors
/// When the registry does not answer, or refuses.
pub(crate) async fn push(
    repository: &Repository,
    tag: &str,
    image: &Assembled,
    on_progress: impl Fn(u64, u64),
) -> Result<String, Error> {
    let total: u64 = image.blobs.iter().map(Blob::size).sum();
    let sent: Vec<AtomicU64> = image.blobs.iter().map(|_| AtomicU64::new(0)).collect();
    let tell = |at: &AtomicU64, bytes: u64| {
        if at.swap(bytes, Ordering::Relaxed) != bytes {
            on_progress(
                sent.iter().map(|bytes| bytes.load(Ordering::Relaxed)).sum(),
                total,
            );
        }
    };
    let uploads = image.blobs.iter().zip(&sent).map(|(blob, at)| async move {
        if !repository.has(blob).await? {
            repository.upload(blob, |bytes| tell(at, bytes)).await?;
        }
        tell(at, blob.size());
        Ok::<(), Error>(())
    });
    try_join_all(uploads).await?;
    repository.tag(tag, MANIFEST, image.manifest.clone()).await
}
