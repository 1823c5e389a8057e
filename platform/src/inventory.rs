//! What of a component is in a cluster: one `ConfigMap` beside its objects.

/// Why what is remembered about a component cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {}
