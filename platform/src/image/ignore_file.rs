//! Ignore files: `.dockerignore` as Docker reads it.
