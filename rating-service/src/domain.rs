//! What the service keeps: users, services and ratings, and the rules their fields obey. No I/O, no clock.

mod change;
mod page;
mod query;
mod rating;
mod resource;
mod service;
mod summary;
mod text;
mod timestamp;
mod user;

pub use change::{Change, Effect, Precondition, Refusal, Replacement};
pub use page::{Cursor, CursorError, DEFAULT_LIMIT, MAX_LIMIT, Page};
pub use query::{Found, Query};
pub use rating::{Rating, RatingFilter, RatingInput, RatingReplacement, score};
pub use resource::{Item, Kind, Resource};
pub use service::{Service, ServiceInput};
pub use summary::Summary;
pub use text::{comment, description, email, name};
pub use timestamp::Timestamp;
pub use user::{User, UserInput};
