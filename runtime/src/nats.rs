//! The connection to NATS: how it is made, what state it is in, and how the contract's headers and the server's
//! acknowledgement subjects are read from it.

mod connection;
mod delay;
mod headers;
mod settings;
mod stamp;

pub use connection::{ConnectError, Connection, Phase, State, connect};
pub use delay::Delay;
pub use headers::{Incoming, Outgoing, RefusedHeader};
pub use settings::{Settings, SettingsError};
pub use stamp::Stamp;
