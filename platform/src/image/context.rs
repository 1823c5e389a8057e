//! The build context: which files of a folder a build sees, and sending them.
