//! Stops a cluster so that everything in it has time to write what it holds.

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::context::Context;
use super::found::{Container, Found, Role, State};
use super::node::STOP_SECONDS;
use super::report::{Kept, Stopped};
use super::steps::{Running, Steps};
use super::{Error, Name, Setup, StopOptions, container, find_or_fail, lock, start};
use crate::event::{Outcome, Step, millis};

/// Longer than the engine waits before it kills.
const LIMIT: Duration = Duration::from_secs(STOP_SECONDS as u64 + 30);
/// Seconds for what has nothing to flush.
const SHORT: i32 = 10;

/// Stops a cluster, ours or k3d's: agents first, then servers, then the rest. A registry that another cluster uses runs on.
///
/// # Errors
/// [`Error::NotFound`] when there is none; otherwise what failed, with the cause.
pub async fn stop(setup: &Setup, name: &Name, options: &StopOptions) -> Result<Stopped, Error> {
    let began = Instant::now();
    let steps = Steps::new(setup, name, options.timeout);
    let cx = Context {
        setup,
        steps: &steps,
        name,
    };
    let _lock = lock::take(&cx, "stop-cluster", options.wait_for_lock).await?;
    let found = find_or_fail(&cx).await?;
    let (shared, registries): (Vec<&Container>, Vec<&Container>) = found
        .registries
        .iter()
        .partition(|registry| registry.state == State::Running && user(registry, &found).is_some());
    let mut stopped = 0;
    for stage in [Role::Agent, Role::Server] {
        stopped += all(
            &cx,
            found.nodes.iter().filter(|node| node.role == stage),
            STOP_SECONDS,
        )
        .await?;
    }
    stopped += all(&cx, found.others.iter().chain(registries), SHORT).await?;
    let kept = shared.into_iter().filter_map(|registry| {
        Some(Kept {
            what: format!("registry {}", registry.name),
            why: format!("network {} uses it too", user(registry, &found)?),
        })
    });
    Ok(Stopped {
        name: name.clone(),
        outcome: if stopped > 0 {
            Outcome::Stopped
        } else {
            Outcome::Unchanged
        },
        kept: kept.collect(),
        after_ms: millis(began.elapsed()),
    })
}

/// The network of another cluster that a registry is on, besides the engine's default one.
fn user<'a>(registry: &'a Container, found: &Found) -> Option<&'a str> {
    let own = found.network().map(|(name, _)| name);
    let mut networks = registry.networks.keys().map(String::as_str);
    networks.find(|network| *network != "bridge" && Some(*network) != own)
}

/// Stops what runs, side by side; answers how many did.
async fn all<'a>(
    cx: &Context<'_>,
    containers: impl Iterator<Item = &'a Container>,
    seconds: i32,
) -> Result<usize, Error> {
    let running = containers.filter(|container| {
        matches!(
            container.state,
            State::Running | State::Paused | State::Restarting
        )
    });
    let each = running.map(|running| async move {
        let step = Step::new(start::kind(running), running.name.clone());
        let work = async |_: &Running| {
            if running.state == State::Paused {
                // What is frozen hears no signal.
                container::unpause(cx.steps, cx.engine(), &running.id, &running.name).await?;
            }
            container::stop(cx.steps, cx.engine(), &running.id, &running.name, seconds).await?;
            Ok((Outcome::Stopped, ()))
        };
        cx.steps.run(step, LIMIT, work).await
    });
    Ok(try_join_all(each).await?.len())
}
