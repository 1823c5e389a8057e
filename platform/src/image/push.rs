//! Pushing an image.
