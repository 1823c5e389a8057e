//! Images from a Dockerfile in a git repository.
