//! Waiting for what is to be seen.

use std::time::Duration;

use platform::observe::Observation;
use snapshot::sample::{Body, ConsumersSample, Source, SourceReport, SourceState};

/// Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The next event.
pub(crate) async fn next(observation: &mut Observation) -> Body {
    let event = tokio::time::timeout(PATIENCE, observation.events.recv()).await;
    event.expect("an event comes in time").unwrap().body
}

/// What `wanted` takes of the events that come.
pub(crate) async fn until<T>(observation: &mut Observation, wanted: impl Fn(Body) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = wanted(next(observation).await) {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.expect("what is waited for comes in time")
}

/// What a source says of itself once it is like this.
pub(crate) async fn report(
    observation: &mut Observation,
    source: Source,
    state: SourceState,
) -> SourceReport {
    until(observation, |body| match body {
        Body::Source(report) if report.source == source && report.state == state => Some(report),
        _ => None,
    })
    .await
}

/// The next consumers of any stream.
pub(crate) async fn consumers(observation: &mut Observation) -> ConsumersSample {
    until(observation, |body| match body {
        Body::Consumers(sample) => Some(sample),
        _ => None,
    })
    .await
}
