//! URL path <-> NATS subject.
//!
//! `GET /ratings/42` becomes `api.get.ratings.42`. The mapping is injective: two paths never share a subject, so a route,
//! a consumer filter or a permission that names a subject names exactly one path. Everything a client can put into a path
//! either has one encoding in a small alphabet or is refused with a reason; nothing a client sends can form a wildcard, a
//! second token, or a subject outside the prefix.

mod codec;
mod path;
mod token;

pub use codec::{Codec, MAX_SUBJECT_BYTES, SubjectError};
pub use path::{MAX_SEGMENTS, Path, PathError};

#[cfg(test)]
mod tests;
