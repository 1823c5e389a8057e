//! What one shard of the proxy owns: a connection, its inbox, and the requests that wait.

use std::sync::Arc;
use std::time::Duration;

use async_nats::header::HeaderMap;
use bytes::Bytes;
use contract::subject::Codec;
use runtime::nats::Connection;
use tokio::task::JoinSet;

use crate::board::Board;
use crate::feed::Feed;
use crate::ids::Ids;
use crate::inbox::Inbox;
use crate::meters::Meters;
use crate::pending::{Departed, Pending};
use crate::removal::{Removal, Removals};
use crate::routes::Routes;
use crate::stream_facts::StreamFacts;

/// A worker's answer as it came in.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) payload: Bytes,
}

/// Sizes and times that hold for every route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Largest answer payload passed on, in bytes.
    pub(crate) answer: usize,
    /// Longest time for a request's body to arrive.
    pub(crate) body_time: Duration,
    /// Longest pause in a request's body.
    pub(crate) body_pause: Duration,
}

/// One shard: the HTTP service of one thread. Its tasks end with it.
#[derive(Debug)]
pub struct Shard {
    pub(crate) core: Arc<Core>,
    tasks: JoinSet<()>,
}

impl Shard {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            tasks: JoinSet::new(),
        }
    }

    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}

/// The state of a shard, shared by the requests it serves and its inbox.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) routes: Arc<Routes>,
    pub(crate) codec: Codec,
    pub(crate) limits: Limits,
    pub(crate) connection: Connection,
    pub(crate) inbox: Inbox,
    pub(crate) pending: Arc<Pending<Answer>>,
    pub(crate) departed: Departed,
    pub(crate) facts: StreamFacts,
    pub(crate) ids: Ids,
    pub(crate) removals: Removals,
    pub(crate) meters: Arc<Meters>,
    pub(crate) board: Arc<Board>,
    pub(crate) feed: Option<Arc<Feed>>,
}

impl Core {
    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_connected()
    }

    /// Asks for a message to be removed from its stream.
    pub(crate) fn take_back(&self, removal: Removal) {
        if !self.removals.request(removal) {
            self.meters.removals_skipped.inc();
        }
    }
}
