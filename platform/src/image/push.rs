//! Pushing an image: the bytes of one that was made by hand, or one that an engine has.

pub(super) mod direct;
pub(super) mod engine;
