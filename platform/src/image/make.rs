//! From a component's definition to a reference with a digest.
