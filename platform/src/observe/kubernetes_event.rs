//! Events of Kubernetes, watched.

use futures_util::StreamExt as _;
use futures_util::stream::select_all;
use k8s_openapi::api::core::v1::Event as Told;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use kube::runtime::watcher::{self, Event};
use snapshot::sample::{Body, KubernetesEventSample, KubernetesEventsSample, Millis};
use std::time::Duration;

use super::Kubernetes;
use super::outlet::Outlet;
use super::pace::{LONGEST, Pace};
use super::pod::{scopes, trouble};
use crate::kubernetes::error::is_forbidden;

/// Events of the first list that are told: the last ones.
const MOST: usize = 200;
/// Longest message.
const LONGEST_MESSAGE: usize = 500;

/// Watches until nobody listens.
pub(super) async fn run(kubernetes: Kubernetes, mut outlet: Outlet) {
    outlet.connecting(None).await;
    let watches = scopes::<Told>(&kubernetes).into_iter();
    let watches = watches.map(|api| kube::runtime::watcher(api, watcher::Config::default()).boxed());
    let mut events = select_all(watches);
    let mut listed = Vec::new();
    let mut pace = Pace::new(Duration::from_millis(500));
    while let Some(event) = events.next().await {
        let told = match event {
            Ok(Event::InitApply(told)) => {
                listed.push(sample(&told));
                continue;
            }
            Ok(Event::InitDone) => {
                outlet.up().await;
                last(std::mem::take(&mut listed))
            }
            Ok(Event::Apply(told)) => vec![sample(&told)],
            // That the API server forgets an event is not news.
            Ok(Event::Init | Event::Delete(_)) => continue,
            Err(error) => {
                outlet.meter.failed();
                outlet.down(&trouble("watch the events", &error)).await;
                if is_forbidden(&error) {
                    tokio::time::sleep(LONGEST).await;
                } else {
                    pace.wait().await;
                    pace.slower();
                }
                continue;
            }
        };
        pace = Pace::new(Duration::from_millis(500));
        outlet
            .send(Body::KubernetesEvents(KubernetesEventsSample { events: told }))
            .await;
        outlet.up().await;
    }
}

fn last(mut events: Vec<KubernetesEventSample>) -> Vec<KubernetesEventSample> {
    events.sort_by_key(|event| event.last_ms);
    events.split_off(events.len().saturating_sub(MOST))
}

fn sample(told: &Told) -> KubernetesEventSample {
    let about = &told.involved_object;
    let series = told.series.as_ref();
    let count = series.and_then(|series| series.count).or(told.count).unwrap_or(1);
    let seen = series
        .and_then(|series| series.last_observed_time.as_ref())
        .or(told.event_time.as_ref());
    let seen: Option<Millis> = seen.map(|time| time.0.as_millisecond());
    let at = |time: &Time| time.0.as_millisecond();
    KubernetesEventSample {
        uid: told.uid().unwrap_or_default(),
        namespace: about.namespace.clone().unwrap_or_default(),
        kind: about.kind.clone().unwrap_or_default(),
        name: about.name.clone().unwrap_or_default(),
        warning: told.type_.as_deref() == Some("Warning"),
        reason: told.reason.clone().unwrap_or_default(),
        message: told
            .message
            .clone()
            .unwrap_or_default()
            .chars()
            .take(LONGEST_MESSAGE)
            .collect(),
        count: u64::try_from(count).unwrap_or(1),
        last_ms: told.last_timestamp.as_ref().map(at).or(seen).or(told
            .metadata
            .creation_timestamp
            .as_ref()
            .map(at)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_read_in_its_older_and_its_newer_form() {
        let older = json!({"metadata": {"uid": "u"}, "involvedObject": {"kind": "Pod", "name": "p", "namespace": "n"}, "type": "Warning",
            "reason": "BackOff", "message": "x".repeat(9_000), "count": 7, "lastTimestamp": "2026-08-20T10:11:12Z"});
        let older = sample(&serde_json::from_value(older).unwrap());
        assert_eq!(
            (older.count, older.warning, older.last_ms),
            (7, true, Some(1_787_220_672_000))
        );
        assert_eq!(older.message.len(), LONGEST_MESSAGE);
        let newer = json!({"metadata": {}, "involvedObject": {}, "type": "Normal", "eventTime": "2026-08-20T10:11:12.000000Z",
            "series": {"count": 3, "lastObservedTime": "2026-08-20T10:11:13.000000Z"}});
        let newer = sample(&serde_json::from_value(newer).unwrap());
        assert_eq!(
            (newer.count, newer.warning, newer.last_ms),
            (3, false, Some(1_787_220_673_000))
        );
    }

    #[test]
    fn of_a_long_list_the_last_ones_are_told() {
        let event = |at| KubernetesEventSample {
            last_ms: Some(at),
            ..KubernetesEventSample::default()
        };
        let kept = last((0..1_000).rev().map(event).collect());
        assert_eq!(
            (kept.len(), kept[0].last_ms, kept[MOST - 1].last_ms),
            (MOST, Some(800), Some(999))
        );
    }
}
