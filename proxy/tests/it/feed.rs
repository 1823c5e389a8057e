//! The live feed.

mod follower;
mod following;
mod limits;
mod losses;
mod stage;
