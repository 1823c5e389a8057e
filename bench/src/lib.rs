//! Measurements of the system on one machine: throughput, latency, processor time and memory, of the proxy with an
//! echo worker and with the rating service, against what the transport can do without them.
//!
//! Everything runs on the same cores, the load generator included, so only ratios taken within one run travel to other
//! machines.

pub mod accounting;
pub mod echo;
mod error;
pub mod feed;
pub mod growth;
pub mod host;
pub mod http;
pub mod load;
pub mod measure;
pub mod plan;
pub mod rating;
pub mod report;
pub mod sample;
pub mod stack;
pub mod suite;
pub mod transport;

pub use error::Error;
