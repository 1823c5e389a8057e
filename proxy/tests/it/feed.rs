//! The live feed.

mod crowd;
mod follower;
mod following;
mod groups;
mod limits;
mod losses;
mod rights;
mod stage;
mod websocket;
