//! Whether the proxy can do its work, and why not: what `/readyz` says.

use std::sync::Arc;
use std::time::Duration;

use runtime::admin::{Check, Readiness};
use tokio::time::{sleep, timeout};

use crate::linter::{self, Findings};
use crate::meters::Tables;
use crate::shard::Core;

/// How often fitting streams are looked at again.
const RELAXED: Duration = Duration::from_secs(30);
/// How often streams that do not fit, or a server that does not answer, are.
const TENSE: Duration = Duration::from_secs(1);
/// How long after a look the next may come, however great the doubt.
const SHORTEST: Duration = Duration::from_millis(250);

/// How often the connections are looked at without a change.
const RECHECK: Duration = Duration::from_secs(1);

/// The readiness checks of a proxy, and what they are made from. Clones set the same checks.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    tables: Tables,
    shards: usize,
    nats: Check,
    streams: Check,
}

impl Health {
    pub(crate) fn new(tables: Tables, shards: usize, readiness: &Readiness) -> Self {
        Self {
            tables,
            shards,
            nats: readiness.check("nats"),
            streams: readiness.check("streams"),
        }
    }

    /// Looks at the connections of all shards.
    fn refresh(&self) {
        let readings = self.tables.readings();
        let down = readings.iter().filter(|(_, reading)| !reading.connected).count();
        let trouble = readings
            .iter()
            .find_map(|(_, reading)| reading.trouble.as_deref());
        match trouble {
            Some(trouble) if down < self.shards => {
                self.nats
                    .not_ready(format!("{down} of {} connections: {trouble}", self.shards));
            }
            Some(trouble) => self.nats.not_ready(trouble),
            None if readings.len() < self.shards => {
                self.nats.not_ready(format!(
                    "{} of {} shards have started",
                    readings.len(),
                    self.shards
                ));
            }
            None => self.nats.ready(),
        }
    }
}

/// Keeps the check of the connections up to date, for as long as the shard lives.
pub(crate) async fn watch_connection(core: Arc<Core>, health: Health) {
    let mut state = core.connection.state();
    loop {
        health.refresh();
        // The client library tells of a change a moment before or after it can be seen, so it is looked at again.
        if let Ok(Err(_)) = timeout(RECHECK, state.changed()).await {
            return;
        }
    }
}

/// Looks at the streams whenever there is reason to, for as long as the shard lives.
pub(crate) async fn watch_streams(core: Arc<Core>, health: Health, strict: bool) {
    let mut state = core.connection.state();
    let mut last = Findings::default();
    loop {
        if core.is_connected() {
            let fits = look(&core, &health, strict, &mut last).await;
            sleep(SHORTEST).await;
            let pause = if fits { RELAXED } else { TENSE };
            tokio::select! {
                () = sleep(pause) => {}
                () = core.facts.doubted() => {}
                changed = state.changed() => if changed.is_err() { return },
            }
        } else if state.changed().await.is_err() {
            return;
        }
    }
}

async fn look(core: &Core, health: &Health, strict: bool, last: &mut Findings) -> bool {
    let client = core.connection.client();
    match linter::examine(client, &core.codec, &core.routes, &core.facts).await {
        Ok(mut findings) => {
            if strict {
                findings.errors.append(&mut findings.warnings);
            }
            if findings != *last {
                findings
                    .errors
                    .iter()
                    .for_each(|error| tracing::error!("{error}"));
                findings
                    .warnings
                    .iter()
                    .for_each(|warning| tracing::warn!("{warning}"));
                last.clone_from(&findings);
            }
            let reason = findings.reason();
            let fits = reason.is_none();
            reason.map_or_else(
                || health.streams.ready(),
                |reason| health.streams.not_ready(reason),
            );
            fits
        }
        Err(error) => {
            let source = std::error::Error::source(&error)
                .map(|source| format!(": {source}"))
                .unwrap_or_default();
            health.streams.not_ready(format!("{error}{source}"));
            false
        }
    }
}
