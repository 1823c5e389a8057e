//! The parts that all shards share, and how a shard is put together.

use std::sync::Arc;
use std::time::Duration;

use contract::subject::{Codec, SubjectError};
use runtime::admin::Readiness;
use runtime::lifecycle::Shutdown;
use runtime::metrics::Metrics;
use runtime::nats;
use runtime::service::{Endpoint, Instance};

use crate::board::Boards;
use crate::config::Config;
use crate::feed::Feed;
use crate::ids::Ids;
use crate::inbox::Inbox;
use crate::meters::{Meters, Reading};
use crate::pending::{Departed, Pending};
use crate::removal::{self, Removals};
use crate::replies;
use crate::routes::Routes;
use crate::shard::{Core, Limits, Shard};
use crate::stream_facts::StreamFacts;
use crate::supervision::{Health, watch_connection, watch_streams};

/// What the proxy is called among the services of a NATS system.
const SERVICE: &str = "http-to-nats-proxy";
const DESCRIPTION: &str = "HTTP requests into a stream, workers' answers out";
/// Clients that left too early to take their messages back, remembered per shard.
const DEPARTED: usize = 4096;

/// Why a proxy cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The subject prefix is none.
    #[error("the subject prefix cannot be used")]
    Prefix(#[source] SubjectError),
    /// The connection cannot even be begun.
    #[error("the proxy cannot begin to connect to NATS")]
    Connect(#[source] nats::ConnectError),
    /// The connection refuses the inbox subscription.
    #[error("the proxy cannot subscribe to its inbox {inbox}")]
    Subscribe {
        /// The wildcard subscribed to.
        inbox: String,
        /// What the client library said.
        source: async_nats::SubscribeError,
    },
}

/// A proxy before it serves: make its shards, one for each thread.
#[derive(Debug)]
pub struct Proxy {
    config: Config,
    routes: Arc<Routes>,
    codec: Codec,
    name: String,
    facts: StreamFacts,
    meters: Arc<Meters>,
    boards: Boards,
    health: Health,
    feed: Option<Arc<Feed>>,
    shutdown: Shutdown,
}

impl Proxy {
    /// Puts the shared parts together; adds its metrics, and the readiness checks `nats` and `streams`. With `shutdown` begins the end of
    /// the live feed, whose requests do not end by themselves.
    ///
    /// # Errors
    /// [`ProxyError::Prefix`].
    pub fn new(
        config: Config,
        routes: Routes,
        metrics: &Metrics,
        readiness: &Readiness,
        shutdown: &Shutdown,
    ) -> Result<Self, ProxyError> {
        let codec = Codec::new(&config.prefix).map_err(ProxyError::Prefix)?;
        let meters = Meters::register(&routes, metrics);
        let health = Health::new(meters.tables.clone(), config.shards(), readiness);
        let feed = routes.feed().filter(|_| config.feed.enabled);
        let feed =
            feed.map(|route| Arc::new(Feed::new(route.clone(), config.feed.clone(), metrics, shutdown)));
        Ok(Self {
            codec,
            name: Ids::new().name(),
            facts: StreamFacts::new(&routes),
            routes: Arc::new(routes),
            meters,
            boards: Boards::default(),
            health,
            feed,
            shutdown: shutdown.clone(),
            config,
        })
    }

    /// Makes one shard on the current runtime, which it does not leave. It connects by itself, now or later.
    ///
    /// # Errors
    /// [`ProxyError::Connect`] and [`ProxyError::Subscribe`], never because the server is down.
    pub async fn shard(&self, index: usize) -> Result<Shard, ProxyError> {
        let inbox = Inbox::new(&self.name, index);
        let settings = nats::Settings {
            // Beside the inbox, not below it: the wildcard there would take these answers as well.
            inbox_prefix: format!("_PX.{}.i{index}", self.name),
            ..self.config.nats.clone()
        };
        let connection = nats::connect(&settings).await.map_err(ProxyError::Connect)?;
        let wildcard = inbox.wildcard();
        let messages = connection
            .client()
            .subscribe(wildcard.clone())
            .await
            .map_err(|source| ProxyError::Subscribe {
                inbox: wildcard,
                source,
            })?;
        let (removals, queue) = Removals::new();
        let client = connection.client().clone();
        let core = Arc::new(self.core(inbox, connection, removals));
        let mut shard = Shard::new(Arc::clone(&core));
        shard.spawn(replies::run(Arc::clone(&core), messages));
        shard.spawn(removal::run(
            client,
            queue,
            self.config.removals_per_second,
            core.inbox.removal(),
        ));
        // One shard looks at the streams for all, reads the feed for all, and speaks for all.
        if index == 0 {
            if let Some(feed) = &self.feed {
                shard.spawn(Arc::clone(feed).run(self.feed_connection().await?));
                shard.spawn(Arc::clone(feed).drain(self.shutdown.clone(), self.config.http.accept_grace));
            }
            shard.spawn(self.answer_questions(core.connection.clone()));
            shard.spawn(watch_streams(
                Arc::clone(&core),
                self.health.clone(),
                self.config.strict,
            ));
        }
        self.meters.tables.add(index, reader(&core));
        shard.spawn(watch_connection(core, self.health.clone()));
        Ok(shard)
    }

    /// A connection of the feed's own: events that are read again hold up no answers.
    async fn feed_connection(&self) -> Result<nats::Connection, ProxyError> {
        let settings = nats::Settings {
            inbox_prefix: format!("_PX.{}.feed", self.name),
            name: format!("{} feed", self.config.nats.name),
            ..self.config.nats.clone()
        };
        nats::connect(&settings).await.map_err(ProxyError::Connect)
    }

    /// Answers `$SRV.STATS` and its like with what all shards have counted.
    fn answer_questions(&self, connection: nats::Connection) -> impl Future<Output = ()> + Send + 'static {
        let instance = Instance::of_this_process(SERVICE, env!("CARGO_PKG_VERSION"), DESCRIPTION);
        let concurrency = u64::try_from(self.config.max_in_flight).unwrap_or(u64::MAX);
        let (boards, routes, codec) = (self.boards.clone(), Arc::clone(&self.routes), self.codec.clone());
        instance.answer(connection, move || Endpoint {
            name: "http".to_owned(),
            head: codec.head().to_owned(),
            consumes: None,
            concurrency,
            routes: boards.totals(&routes, &codec),
        })
    }

    fn core(&self, inbox: Inbox, connection: nats::Connection, removals: Removals) -> Core {
        let per_shard = self.config.max_in_flight.div_ceil(self.config.shards());
        Core {
            routes: Arc::clone(&self.routes),
            codec: self.codec.clone(),
            limits: Limits {
                answer: usize::try_from(self.config.max_answer_bytes).unwrap_or(usize::MAX),
                body_time: self.config.body_timeout,
                body_pause: self.config.body_idle_timeout,
            },
            connection,
            inbox,
            pending: Pending::new(per_shard),
            departed: Departed::new(DEPARTED),
            facts: self.facts.clone(),
            ids: Ids::new(),
            removals,
            meters: Arc::clone(&self.meters),
            board: self.boards.add(&self.routes),
            feed: self.feed.clone(),
        }
    }
}

/// Reads a shard for the metrics, as long as it lives.
fn reader(core: &Arc<Core>) -> impl Fn() -> Reading + Send + Sync + 'static {
    let core = Arc::downgrade(core);
    move || {
        core.upgrade().map_or(Reading::default(), |core| Reading {
            pending: core.pending.len(),
            connected: core.is_connected(),
            connects: core.connection.connects(),
            trouble: core.connection.trouble(),
        })
    }
}

/// How long a shard may take to send what it has written when it ends.
pub(crate) const FLUSH_WAIT: Duration = Duration::from_secs(2);
