//! Whether the proxy can do its work, and why not: what `/readyz` says.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::linter::{self, Findings};
use crate::meters::Tables;
use crate::shard::Core;

/// How often fitting streams are looked at again.
const RELAXED: Duration = Duration::from_secs(30);
/// How often streams that do not fit, or a server that does not answer, are.
const TENSE: Duration = Duration::from_secs(1);
/// How long after a look the next may come, however great the doubt.
const SHORTEST: Duration = Duration::from_millis(250);

/// The state of all shards' connections and of the streams, for readiness checks.
#[derive(Clone, Debug)]
pub struct Health {
    tables: Tables,
    shards: usize,
    streams: Arc<Mutex<Option<String>>>,
}

impl Health {
    pub(crate) fn new(tables: Tables, shards: usize) -> Self {
        let unknown = Some("the streams have not been looked at yet".to_owned());
        Self {
            tables,
            shards,
            streams: Arc::new(Mutex::new(unknown)),
        }
    }

    /// Why requests cannot reach NATS; `None` while every shard is connected.
    pub fn connection_trouble(&self) -> Option<String> {
        let readings = self.tables.readings();
        if readings.len() < self.shards {
            return Some(format!(
                "{} of {} shards have started",
                readings.len(),
                self.shards
            ));
        }
        let down = readings.iter().filter(|(_, reading)| !reading.connected).count();
        let trouble = readings.into_iter().find_map(|(_, reading)| reading.trouble)?;
        Some(if down < self.shards {
            format!("{down} of {} connections: {trouble}", self.shards)
        } else {
            trouble
        })
    }

    /// Why the streams on the server cannot serve the routes; `None` while they can.
    pub fn stream_trouble(&self) -> Option<String> {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn streams(&self, trouble: Option<String>) {
        *self.streams.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
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
            health.streams(reason);
            fits
        }
        Err(error) => {
            let source = std::error::Error::source(&error)
                .map(|source| format!(": {source}"))
                .unwrap_or_default();
            health.streams(Some(format!("{error}{source}")));
            false
        }
    }
}
