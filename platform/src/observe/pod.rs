//! Pods, watched.

mod quantity;
mod read;
mod status;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, select_all};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt as _};
use snapshot::sample::{Body, PodSample, PodsSample};

use super::Kubernetes;
use super::outlet::Outlet;
use super::pace::{LONGEST, Pace};
use crate::kubernetes::error::{brief_of_watch, is_forbidden};
use crate::pod_logs::Pods;

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
    let names = kubernetes.namespaces();
    if names.is_empty() {
        return vec![Api::all(client())];
    }
    let names = names.into_iter();
    names.map(|name| Api::namespaced(client(), name)).collect()
}

/// Watches until nobody listens.
pub(super) async fn run(kubernetes: Kubernetes, mut outlet: Outlet) {
    outlet.connecting(None).await;
    let watches = scopes::<Pod>(&kubernetes).into_iter().enumerate();
    let watches = watches.map(|(scope, api)| -> Events {
        let events = kube::runtime::watcher(api, watcher::Config::default());
        events.map(move |event| (scope, event)).boxed()
    });
    let mut events = select_all(watches);
    let mut listing = Listing::new(kubernetes.components.clone());
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
    /// Whose pods are told; nobody's: all.
    components: Vec<Pods>,
    begun: Vec<Option<Vec<Pod>>>,
    whole: Vec<bool>,
    /// Names of the pods of each scope, so that one that is gone from a new list is told.
    known: Vec<BTreeSet<String>>,
}

impl Listing {
    fn new(components: Vec<Pods>) -> Self {
        let namespaces: BTreeSet<&str> = components.iter().map(|pods| pods.namespace.as_str()).collect();
        let scopes = namespaces.len().max(1);
        Self {
            components,
            begun: vec![None; scopes],
            whole: vec![false; scopes],
            known: vec![BTreeSet::new(); scopes],
        }
    }

    fn is_whole(&self) -> bool {
        self.whole.iter().all(|whole| *whole)
    }

    /// What is told of a pod; nothing of one that is nobody's here.
    fn read(&self, pod: &Pod) -> Option<PodSample> {
        let mut sample = read::pod(pod);
        if !self.components.is_empty() {
            let of = self
                .components
                .iter()
                .find(|pods| pods.has(&sample.namespace, pod.labels()))?;
            sample.component = Some(of.component.clone());
        }
        Some(sample)
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
                    pods: listed.iter().filter_map(|pod| self.read(pod)).collect(),
                    gone,
                    complete: self.begun.len() == 1,
                })
            }
            Event::Apply(pod) => {
                self.known[scope].insert(name(&pod));
                Some(PodsSample {
                    pods: vec![self.read(&pod)?],
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
