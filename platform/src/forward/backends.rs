//! The pods that connections can go to, as they come and go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher;
use kube::{Api, ResourceExt as _};
use tokio::sync::{Notify, watch};

use super::selection::{self, Pods, Selection};
use super::source::Source;
use super::target::To;
use super::{Event, Report};
use crate::event::millis;
use crate::kubernetes::watched::Watched;
use crate::kubernetes::{Cluster, pods};

/// Pods whose troubles are named.
const TROUBLES_SHOWN: usize = 3;

/// How old a watch is at least that is begun again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where connections can go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Backends {
    /// Ready pods, the newest first.
    pub(super) ready: Vec<Backend>,
    /// Why there is none.
    pub(super) why: String,
}

/// A port of a ready pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Backend {
    /// Its name.
    pub(super) pod: String,
    /// Its UID: another pod may get the name.
    pub(super) uid: String,
    /// The port of a container.
    pub(super) port: u16,
}

/// Follows the pods for ever, and tells of them. `again` makes it look anew, for when it seems that the watch has missed something.
pub(super) async fn follow(
    cluster: Cluster,
    to: To,
    mut selection: Selection,
    shown: watch::Sender<Backends>,
    again: Arc<Notify>,
    report: Report,
) {
    let mut source = Source::follow(&cluster, &to);
    let mut narrator = Narrator::new(report);
    let mut missing: Option<String> = None;
    loop {
        let begun = Instant::now();
        let mut pods = watch_pods(&cluster, &to.namespace, &selection.pods);
        loop {
            tokio::select! {
                () = pods.changed() => {}
                () = again.notified(), if begun.elapsed() >= AGAIN_AFTER => break,
                () = source.changed() => match source.selection() {
                    Some(Ok(new)) => {
                        missing = None;
                        let other = new.pods != selection.pods;
                        selection = new;
                        if other {
                            break;
                        }
                    }
                    Some(Err(reason)) => missing = Some(reason),
                    None => {}
                },
            }
            if let Some(backends) = backends(&pods, &selection, missing.as_deref()) {
                narrator.tell(&backends);
                shown.send_if_modified(|known| {
                    let news = *known != backends;
                    *known = backends;
                    news
                });
            }
        }
    }
}

fn watch_pods(cluster: &Cluster, namespace: &str, selected: &Pods) -> Watched<Pod> {
    let config = watcher::Config::default();
    let config = match selected {
        Pods::Labelled(selector) => config.labels(selector),
        Pods::Named(name) => config.fields(&format!("metadata.name={name}")),
    };
    Watched::new(Api::namespaced(cluster.client().clone(), namespace), config)
}

/// What is known; `None` while nothing is.
fn backends(pods: &Watched<Pod>, selection: &Selection, missing: Option<&str>) -> Option<Backends> {
    let unasked = || {
        pods.failure()
            .map(|reason| format!("the cluster cannot be asked: {reason}"))
    };
    let Some(objects) = pods.objects() else {
        return unasked().map(|why| Backends {
            ready: Vec::new(),
            why,
        });
    };
    let mut ready: Vec<&Pod> = objects.values().filter(|pod| pods::is_ready(pod)).collect();
    ready.sort_by_key(|pod| std::cmp::Reverse((pod.creation_timestamp(), pod.name_any())));
    let ready: Vec<Backend> = ready
        .into_iter()
        .filter_map(|pod| backend(pod, selection))
        .collect();
    let why = match (ready.is_empty(), unasked(), missing) {
        (false, ..) => String::new(),
        (true, Some(unasked), _) => unasked,
        (true, None, Some(missing)) => missing.to_owned(),
        (true, None, None) => why(objects.values(), selection),
    };
    Some(Backends { ready, why })
}

fn backend(pod: &Pod, selection: &Selection) -> Option<Backend> {
    Some(Backend {
        pod: pod.name_any(),
        uid: pod.uid().unwrap_or_default(),
        port: selection::in_pod(&selection.port, pod.spec.as_ref())?,
    })
}

/// Why none of these pods can be used. Those that are about to go are told only where there are no others.
fn why<'a>(pods: impl Iterator<Item = &'a Pod>, selection: &Selection) -> String {
    let (going, coming): (Vec<&Pod>, Vec<&Pod>) =
        pods.partition(|pod| pod.metadata.deletion_timestamp.is_some());
    let pods = if coming.is_empty() { going } else { coming };
    let mut troubles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pod in pods {
        let trouble = trouble(pod, selection);
        troubles.entry(trouble).or_default().push(pod.name_any());
    }
    let told = troubles.iter().map(|(trouble, pods)| match pods.as_slice() {
        [pod] => format!("{pod}: {trouble}"),
        pods => format!("{} pods: {trouble}", pods.len()),
    });
    let told: Vec<String> = told.collect();
    let shown = told[..told.len().min(TROUBLES_SHOWN)].join("; ");
    match (told.len(), &selection.pods) {
        (0, Pods::Labelled(selector)) => format!("there is no pod with {selector}"),
        (0, Pods::Named(name)) => format!("there is no pod {name}"),
        (count, _) if count > TROUBLES_SHOWN => format!("{shown}; and {} more", count - TROUBLES_SHOWN),
        _ => shown,
    }
}

fn trouble(pod: &Pod, selection: &Selection) -> String {
    if pods::is_ready(pod) {
        format!("has no port {}", selection.port)
    } else {
        pods::trouble(pod).unwrap_or_else(|| "has ended".to_owned())
    }
}

/// Tells what changes for new connections.
struct Narrator {
    report: Report,
    serving: Option<Backend>,
    /// Since when no pod is there, and what was said about it.
    waiting: Option<(Instant, String)>,
}

impl Narrator {
    fn new(report: Report) -> Self {
        Self {
            report,
            serving: None,
            waiting: None,
        }
    }

    fn tell(&mut self, backends: &Backends) {
        let Some(newest) = backends.ready.first() else {
            let (since, said) = self.waiting.take().unzip();
            if said.as_ref() != Some(&backends.why) {
                let reason = backends.why.clone();
                (self.report)(Event::Waiting { reason });
            }
            self.waiting = Some((since.unwrap_or_else(Instant::now), backends.why.clone()));
            return;
        };
        let gap = self.waiting.take().map(|(since, _)| since.elapsed());
        if gap.is_none() && self.serving.as_ref().map(|known| &known.uid) == Some(&newest.uid) {
            return;
        }
        let previous = self.serving.replace(newest.clone());
        (self.report)(Event::Serving {
            pod: newest.pod.clone(),
            previous: previous.map(|previous| previous.pod),
            gap_ms: gap.map_or(0, millis),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::forward::Port;

    fn pods(documents: serde_json::Value) -> Vec<Pod> {
        serde_json::from_value(documents).unwrap()
    }

    fn selection(port: Port) -> Selection {
        let pods = Pods::Labelled("app=web".to_owned());
        Selection {
            pods,
            port,
            number: 80,
            name: None,
        }
    }

    #[test]
    fn why_there_is_none_is_said_of_the_pods_that_are_to_stay() {
        let waiting = |name: &str| {
            serde_json::json!({"metadata": {"name": name}, "status": {"containerStatuses": [{
                "name": "c", "ready": false, "restartCount": 0, "image": "", "imageID": "",
                "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}})
        };
        let going =
            serde_json::json!({"metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
        let why = |documents: &[&serde_json::Value]| {
            why(pods(serde_json::json!(documents)).iter(), &selection(Port::First))
        };
        let (b, c) = (waiting("b"), waiting("c"));
        assert_eq!(why(&[&going, &b]), "b: ImagePullBackOff: no such image");
        assert_eq!(why(&[&b, &c]), "2 pods: ImagePullBackOff: no such image");
        assert_eq!(why(&[&going]), "a: terminating");
        assert_eq!(why(&[]), "there is no pod with app=web");
    }

    #[test]
    fn what_changes_is_told_once() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&told);
        let mut narrator = Narrator::new(Arc::new(move |event| log.lock().unwrap().push(event)));
        let with = |pods: &[&str]| Backends {
            ready: pods
                .iter()
                .map(|pod| Backend {
                    pod: (*pod).to_owned(),
                    uid: (*pod).to_owned(),
                    port: 80,
                })
                .collect(),
            why: "starting".to_owned(),
        };
        for pods in [&["a"][..], &["a"], &["b", "a"], &[], &[], &["b"]] {
            narrator.tell(&with(pods));
        }
        let told = told.lock().unwrap();
        let words: Vec<String> = told
            .iter()
            .map(|event| match event {
                Event::Serving { pod, previous, .. } => format!("{pod} after {previous:?}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            words,
            [
                "a after None",
                "b after Some(\"a\")",
                "Waiting { reason: \"starting\" }",
                "b after Some(\"b\")"
            ]
        );
    }
}
