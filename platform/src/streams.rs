//! Streams and consumers: the definitions of a project against what a server has.
//!
//! Only what a definition sets is compared; a default the server fills in is no difference. What the server can never
//! change (a stream's retention, say) is recognised beforehand and explained instead of tried.

mod api;
mod apply;
mod compare;
pub mod dead;
mod error;
mod fields;
mod files;
mod listing;
mod operate;

pub(crate) use api::sign_in;
pub use api::{JetStream, Login, without_credentials};
pub use apply::apply;
pub use compare::{Difference, FieldChange, Resource, Verdict, diff};
pub use dead::{DeadLetter, DeadLetters, SentAgain};
pub use error::{ApiError, Error};
pub use files::load;
pub use listing::{ConsumerState, StreamState, ls};
