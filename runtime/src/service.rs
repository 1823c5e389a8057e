//! This program as NATS tools see it: it answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` (ADR-32), so that `nats micro` and
//! `ratectl top` find every instance and read what it has done.
//!
//! What is counted goes into [`Route`]s: one for each kind of request, with histograms of the parts of its latency. Counting is a few
//! atomic additions, without a lock and without an allocation; whoever has several threads gives each its own routes and adds them up
//! when somebody asks ([`Totals`]). Everything only ever grows, so a reader takes the difference of two answers; and the histograms
//! of several instances add up, which percentiles would not.

mod ask;
mod document;
mod histogram;
mod instance;
mod route;
mod routes;
mod totals;

pub use document::{Consumes, Endpoint};
pub use histogram::{BUCKETS, Histogram, Sum, bucket};
pub use instance::Instance;
pub use route::{Ended, Part, Route};
pub use routes::Routes;
pub use totals::{Totals, TotalsByRoute};

#[cfg(test)]
mod tests;
