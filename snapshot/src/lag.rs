//! How far behind a consumer is, where that is going, and what is lost on the way.
//!
//! All times here are those of servers: the observer's clock and the way of a reply change no rate.

mod curve;
mod derived;
mod history;
mod rates;
mod slope;
mod stream;

pub use curve::Curve;
pub use derived::{Derived, Evidence, Exact, Runway, TimeLag};
pub use history::{History, KEPT, Point, Taken};
pub use rates::Rates;
pub(crate) use rates::deliveries;
pub use slope::{least_squares, median_slope};
pub use stream::{StreamHistory, StreamPoint, StreamRates};
