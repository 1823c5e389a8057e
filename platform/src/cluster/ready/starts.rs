//! When the nodes' containers were started: what the API server tells from before that is no longer so.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::docker;

/// How long a container is waited for that somebody is just starting; what does not run then is told by others.
const LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);

/// The start of every node that runs, by its name.
pub(super) async fn of(cx: &Context<'_>, nodes: &[String]) -> Result<Vec<(String, SystemTime)>, Error> {
    let deadline = Instant::now() + LIMIT;
    let starts = nodes.iter().map(async |node| {
        loop {
            match start(cx, node).await {
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
                outcome => return outcome.map(|start| Some((node.clone(), start?))),
            }
        }
    });
    let starts = cx
        .steps
        .unless_cancelled(futures_util::future::try_join_all(starts))
        .await?;
    Ok(starts.into_iter().flatten().collect())
}

/// When a container was started; `None` if it does not run, or is only being made.
async fn start(cx: &Context<'_>, name: &str) -> Result<Option<SystemTime>, Error> {
    let inspected = cx.engine().api().inspect_container(name, None).await;
    let inspected =
        inspected.map_err(|source| docker::Error::of(format!("look at container {name}"), source));
    let inspected = match inspected {
        Ok(inspected) => inspected,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let state = inspected.state.unwrap_or_default();
    let started = state.started_at.filter(|_| state.running == Some(true));
    let started = started.and_then(|started| OffsetDateTime::parse(&started, &Rfc3339).ok());
    Ok(started.map(SystemTime::from))
}
