//! Configuration from a file, the environment and flags, in that order of strength, into one validated struct.

pub mod duration;
pub mod size;
