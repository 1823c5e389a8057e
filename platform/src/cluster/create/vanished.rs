//! Containers that were relied on and are removed by somebody else meanwhile.
//!
//! An engine goes on with a removal when whoever asked for it has gone, and until its end lists the container as running.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::cluster::found::{self, Container, State};

/// How long removals that are going on may take.
const LIMIT: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// So many looks in a row have to see the same before it is believed: removals asked for together do not end together.
const SAME: u32 = 4;

/// Whether a container of the cluster that was there is gone or going; waits until all that go are gone. Nothing is when
/// somebody has cancelled, or the engine cannot be asked.
pub(super) async fn any(cx: &Context<'_>, before: &[Container]) -> bool {
    let before = states(cx, before);
    // What was never started is replaced, so that it is no loss.
    let lost = |now: &BTreeMap<String, State>| {
        let mut ran = before.iter().filter(|(_, state)| **state != State::Created);
        ran.any(|(id, _)| now.get(id).is_none_or(|state| *state == State::Dead))
    };
    let settle = async {
        let mut latest = look(cx).await?;
        if !lost(&latest) {
            return Ok(false);
        }
        let mut same = 0;
        while same < SAME || latest.values().any(|state| *state == State::Dead) {
            tokio::time::sleep(PAUSE).await;
            let now = look(cx).await?;
            same = if now == latest { same + 1 } else { 0 };
            latest = now;
        }
        Ok(true)
    };
    let settled = tokio::time::timeout(LIMIT, cx.steps.unless_cancelled(Box::pin(settle))).await;
    matches!(settled, Ok(Ok(true)))
}

async fn look(cx: &Context<'_>) -> Result<BTreeMap<String, State>, Error> {
    Ok(states(cx, &found::containers(cx.engine()).await?))
}

/// The cluster's containers, by id.
fn states(cx: &Context<'_>, containers: &[Container]) -> BTreeMap<String, State> {
    let own = |container: &&Container| container.cluster() == Some(cx.name.as_str());
    let states = containers.iter().filter(own);
    states
        .map(|container| (container.id.clone(), container.state))
        .collect()
}
