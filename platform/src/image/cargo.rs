//! Programs of Cargo workspaces and of crates.io, compiled on this machine and put into images of their own.
