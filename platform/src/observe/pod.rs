//! Pods, watched.

mod quantity;
mod read;
mod status;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, select_all};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt as _};
use snapshot::sample::{Body, PodsSample};

use super::Kubernetes;
use super::outlet::Outlet;
use super::pace::{LONGEST, Pace};
use crate::kubernetes::error::{brief_of_watch, is_forbidden};

pub(super) use quantity::{bytes, millicores};

const FIRST_PAUSE: Duration = Duration::from_millis(500);

type Events = BoxStream<'static, (usize, Result<Event<Pod>, watcher::Error>)>;

/// The watches of what was asked for: one a namespace, or one for all.
pub(super) fn scopes<K>(kubernetes: &Kubernetes) -> Vec<Api<K>>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
    K::DynamicType: Default,
{
    let client = || kubernetes.client.clone();
    if kubernetes.namespaces.is_empty() {
        return vec![Api::all(client())];
    }
    let names = kubernetes.namespaces.iter();
    names.map(|name| Api::namespaced(client(), name)).collect()
}

/// Watches until nobody listens.
pub(super) async fn run(kubernetes: Kubernetes, mut outlet: Outlet) {
    outlet.connecting(None).await;
    let config = watcher::Config::default().labels(&kubernetes.selector);
    let watches = scopes::<Pod>(&kubernetes).into_iter().enumerate();
    let watches = watches.map(|(scope, api)| -> Events {
        let events = kube::runtime::watcher(api, config.clone());
        events.map(move |event| (scope, event)).boxed()
    });
    let mut events = select_all(watches);
    let mut listing = Listing::new(kubernetes.namespaces.len().max(1));
    let mut pace = Pace::new(FIRST_PAUSE);
    while let Some((scope, event)) = events.next().await {
        match event {
            Ok(event) => {
                pace = Pace::new(FIRST_PAUSE);
                if let Some(sample) = listing.take(scope, event) {
                    outlet.send(Body::Pods(sample)).await;
                }
                if listing.is_whole() {
                    outlet.up().await;
                }
            }
            Err(error) => {
                outlet.meter.failed();
                outlet.down(&trouble("watch the pods", &error)).await;
                if is_forbidden(&error) {
                    tokio::time::sleep(LONGEST).await;
                } else {
                    // The watch itself does not pause.
                    pace.wait().await;
                    pace.slower();
                }
            }
        }
    }
}

/// A failed watch in one sentence.
pub(super) fn trouble(what: &str, error: &watcher::Error) -> String {
    let may = if is_forbidden(error) { "may not" } else { "cannot" };
    format!("{may} {what}: {}", brief_of_watch(error))
}

/// Lists that come in parts, one a namespace.
struct Listing {
    begun: Vec<Option<Vec<Pod>>>,
    whole: Vec<bool>,
    /// Names of the pods of each scope, so that one that is gone from a new list is told.
    known: Vec<std::collections::BTreeSet<String>>,
}

impl Listing {
    fn new(scopes: usize) -> Self {
        Self {
            begun: vec![None; scopes],
            whole: vec![false; scopes],
            known: vec![std::collections::BTreeSet::new(); scopes],
        }
    }

    fn is_whole(&self) -> bool {
        self.whole.iter().all(|whole| *whole)
    }

    /// What is new.
    fn take(&mut self, scope: usize, event: Event<Pod>) -> Option<PodsSample> {
        match event {
            Event::Init => {
                self.begun[scope] = Some(Vec::new());
                None
            }
            Event::InitApply(pod) => {
                self.begun[scope].get_or_insert_default().push(pod);
                None
            }
            Event::InitDone => {
                self.whole[scope] = true;
                let listed = self.begun[scope].take().unwrap_or_default();
                let names = listed.iter().map(name).collect();
                let before = std::mem::replace(&mut self.known[scope], names);
                let gone = before.difference(&self.known[scope]).cloned().collect();
                Some(PodsSample {
                    pods: listed.iter().map(read::pod).collect(),
                    gone,
                    complete: self.begun.len() == 1,
                })
            }
            Event::Apply(pod) => {
                self.known[scope].insert(name(&pod));
                Some(PodsSample {
                    pods: vec![read::pod(&pod)],
                    ..PodsSample::default()
                })
            }
            Event::Delete(pod) => {
                self.known[scope].remove(&name(&pod));
                Some(PodsSample {
                    gone: vec![name(&pod)],
                    ..PodsSample::default()
                })
            }
        }
    }
}

fn name(pod: &Pod) -> String {
    format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any())
}

#[cfg(test)]
mod tests;
