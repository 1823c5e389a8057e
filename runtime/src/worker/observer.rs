//! The points a request passes, for who wants to watch.

use uuid::Uuid;

/// A point in the life of a request, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Decoded and in time; its handler is about to start.
    Received,
    /// The handler has returned an answer, so its effect is committed; nothing has been sent.
    Handled,
    /// The answer has been written to the server.
    Replied,
    /// The acknowledgement is about to be sent.
    Acking,
}

impl Stage {
    /// Its name in configuration and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Handled => "handled",
            Self::Replied => "replied",
            Self::Acking => "acking",
        }
    }
}

/// One delivery of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The request's id, the same over all its deliveries.
    pub id: Uuid,
    /// The message's sequence in its stream.
    pub stream_sequence: u64,
    /// How often it has been delivered, this time included.
    pub delivered: u64,
}

/// Is told of each stage of each request, on the request's own task: what it does delays the request.
pub trait Observer: Send + Sync + 'static {
    /// `delivery` has come to `stage`.
    fn reached(&self, stage: Stage, delivery: &Delivery);
}
