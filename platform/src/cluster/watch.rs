//! Watches a node's container while somebody waits for what is in it.

use std::time::Duration;

use futures_util::future::select_all;

use tokio_util::sync::CancellationToken;

use super::{Container, Error, diagnosis};
use crate::docker::{self, Engine};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// A node that the engine has started anew this often will not come up.
const RESTARTS: i64 = 3;

/// A container that is watched.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) id: String,
    pub(super) name: String,
}

impl Watched {
    /// A container that is there.
    pub(super) fn of(container: &Container) -> Self {
        Self {
            id: container.id.clone(),
            name: container.name.clone(),
        }
    }
}

/// Waits for something, unless the container of a node meanwhile has ended, or ends again and again.
pub(super) async fn unless_trouble<T>(
    engine: &Engine,
    nodes: &[Watched],
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    if nodes.is_empty() {
        return work.await;
    }
    let watches = nodes.iter().map(|node| Box::pin(trouble(engine, node)));
    tokio::select! {
        result = work => result,
        (error, ..) = select_all(watches) => Err(error),
    }
}

/// Watches nodes until they are of no concern any more.
pub(super) async fn until(engine: &Engine, nodes: &[Watched], end: &CancellationToken) -> Result<(), Error> {
    let end = async {
        end.cancelled().await;
        Ok(())
    };
    unless_trouble(engine, nodes, end).await
}

async fn trouble(engine: &Engine, node: &Watched) -> Error {
    let mut restarts = None;
    loop {
        match look(engine, node, &mut restarts).await {
            Ok(None) => {}
            Ok(Some(what_happened)) => return diagnosis::of_node(engine, &node.name, &what_happened).await,
            Err(error) => return error,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What has happened to a node; `restarts` is how often it had been started anew when it was first looked at.
async fn look(engine: &Engine, node: &Watched, restarts: &mut Option<i64>) -> Result<Option<String>, Error> {
    let inspected = engine.api().inspect_container(&node.id, None).await;
    let inspected =
        inspected.map_err(|source| docker::Error::of(format!("look at container {}", node.name), source));
    let inspected = match inspected {
        Ok(inspected) => inspected,
        Err(error) if error.is_not_found() => return Ok(Some("somebody removed its container".to_owned())),
        Err(error) => return Err(error.into()),
    };
    let count = inspected.restart_count.unwrap_or_default();
    let first = *restarts.get_or_insert(count);
    let state = inspected.state.unwrap_or_default();
    let code = state.exit_code.unwrap_or_default();
    let out_of_memory = state.oom_killed == Some(true);
    if count - first >= RESTARTS {
        return Ok(Some(format!(
            "it keeps restarting, {} times so far{}",
            count - first,
            ending(code, out_of_memory)
        )));
    }
    let alive = state.running == Some(true) || state.restarting == Some(true);
    Ok((!alive).then(|| format!("its container has ended{}", ending(code, out_of_memory))))
}

fn ending(code: i64, out_of_memory: bool) -> String {
    match (out_of_memory, code) {
        (true, _) => " for want of memory".to_owned(),
        (false, 0) => String::new(),
        (false, code) => format!(" with exit code {code}"),
    }
}
