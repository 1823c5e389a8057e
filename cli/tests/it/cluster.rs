//! The commands for clusters, as far as they can be seen without one.

mod bad_engine;
mod bad_file;
mod bad_flag;
mod scripted;
mod signals;
mod somebody;
pub(crate) mod table;
mod wording;
