//! The worker on a real nats-server.

mod dead_letters;
pub(crate) mod fixture;
mod flow;
mod recovery;
mod stopping;
