//! Logs as they come: of the pods there are, and of those that come.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::runtime::watcher;
use kube::{Api, ResourceExt as _};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::container::{Container, State, words};
use super::history::Seen;
use super::lines::{Lines, Part};
use super::{Item, Notice, Options, Pods};
use crate::kubernetes::Cluster;
use crate::kubernetes::watched::Watched;

/// The pause before a log whose connection was lost is opened again.
const PAUSE: Duration = Duration::from_millis(250);

/// What all readers of single logs share.
#[derive(Clone)]
struct Scene {
    cluster: Cluster,
    options: Options,
    reader: mpsc::Sender<Item>,
}

/// Follows until the reader has gone.
pub(super) async fn follow(
    cluster: &Cluster,
    pods: &[Pods],
    seen: Seen,
    options: &Options,
    reader: &mpsc::Sender<Item>,
) {
    let scene = Scene {
        cluster: cluster.clone(),
        options: options.clone(),
        reader: reader.clone(),
    };
    let mut selections = JoinSet::new();
    for pods in pods {
        selections.spawn(follow_pods(scene.clone(), pods.clone(), seen.clone()));
    }
    reader.closed().await;
}

/// Follows what one selector finds.
async fn follow_pods(scene: Scene, pods: Pods, seen: Seen) {
    let api = Api::<Pod>::namespaced(scene.cluster.client().clone(), &pods.namespace);
    let mut watched = Watched::new(api, watcher::Config::default().labels(&pods.selector.to_string()));
    let mut known: BTreeMap<String, watch::Sender<Option<Pod>>> = BTreeMap::new();
    let mut readers = JoinSet::new();
    loop {
        watched.changed().await;
        while readers.try_join_next().is_some() {}
        let Some(objects) = watched.objects() else {
            continue;
        };
        let now: BTreeMap<String, &Pod> = objects
            .values()
            .map(|pod| (pod.uid().unwrap_or_default(), pod))
            .collect();
        known.retain(|uid, pod| {
            let stays = now.contains_key(uid);
            if !stays {
                pod.send_replace(None);
            }
            stays
        });
        for (uid, pod) in now {
            if let Some(known) = known.get(&uid) {
                known.send_replace(Some(pod.clone()));
                continue;
            }
            let containers = Container::all(&pods, pod);
            if !containers.iter().any(|container| seen.contains_key(container)) {
                scene.say(joined(&pods, pod)).await;
            }
            let (sender, _) = watch::channel(Some(pod.clone()));
            for container in containers {
                let begin = seen.get(&container).cloned();
                readers.spawn(follow_container(
                    scene.clone(),
                    container,
                    sender.subscribe(),
                    begin,
                ));
            }
            known.insert(uid, sender);
        }
    }
}

fn joined(pods: &Pods, pod: &Pod) -> Item {
    Item::Notice(Notice {
        component: pods.component.clone(),
        pod: pod.name_any(),
        container: None,
        message: "joined".to_owned(),
    })
}

/// Follows one container through its restarts, until its pod is gone.
async fn follow_container(
    scene: Scene,
    container: Container,
    mut pod: watch::Receiver<Option<Pod>>,
    begin: Option<(Option<String>, Option<Timestamp>)>,
) {
    let (mut read, mut after) = begin.unwrap_or_default();
    let mut first = true;
    loop {
        // A log that has been read to its end does not grow any more; what was written before this began may.
        let is_new = |state: &State| state.has_log() && (first || state.running || state.id != read);
        let Some(state) = wait(&container, &mut pod, is_new).await else {
            return;
        };
        first = false;
        let is_news = state.running || state.id != read;
        if state.id != read {
            after = None;
            read.clone_from(&state.id);
        }
        let part = Part {
            follow: true,
            after,
            ..Part::default()
        };
        if let Ok(mut lines) = Lines::open(&scene.cluster, &container, part, &scene.options).await {
            while let Some(line) = lines.next().await {
                after = line.time.or(after);
                if scene.reader.send(line.into()).await.is_err() {
                    return;
                }
            }
        }
        // The end of a log is known a moment before the pod says that its container has ended; a lost connection looks the same.
        let ended = |state: &State| !state.running || state.id != read;
        let pause = tokio::time::timeout(PAUSE, wait(&container, &mut pod, ended));
        match pause.await {
            Ok(None) => return,
            Ok(Some(state)) => {
                let how = if state.id == read {
                    state.ended
                } else {
                    state.before
                };
                if let Some(how) = how.filter(|how| is_news && how.exit_code != 0) {
                    scene.say(container.notice(words(&how))).await;
                }
            }
            Err(_) => {}
        }
    }
}

/// Waits for a state; `None` when the pod is gone.
async fn wait(
    container: &Container,
    pod: &mut watch::Receiver<Option<Pod>>,
    wanted: impl Fn(&State) -> bool,
) -> Option<State> {
    loop {
        let state = container.state(pod.borrow_and_update().as_ref()?);
        if wanted(&state) {
            return Some(state);
        }
        pod.changed().await.ok()?;
    }
}

impl Scene {
    /// Tells something about a container, unless only lines about a request are wanted.
    async fn say(&self, item: Item) {
        if self.options.id.is_none() {
            // Without a reader everything ends.
            drop(self.reader.send(item).await);
        }
    }
}
