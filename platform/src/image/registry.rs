//! What a registry has: manifests and their digests.
