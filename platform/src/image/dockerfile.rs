//! Images from a Dockerfile and a folder.
