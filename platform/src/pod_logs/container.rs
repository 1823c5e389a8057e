//! Containers of pods, and what has become of them.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt as _;

use super::{Item, Notice, Pods};
use crate::kubernetes::pods::ending;

/// A container whose log is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Container {
    pub(super) component: String,
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) uid: String,
    pub(super) name: String,
}

/// What is known of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// The container's own id; another one means that it was started again.
    pub(super) id: Option<String>,
    /// It runs.
    pub(super) running: bool,
    /// How it ended, if it has.
    pub(super) ended: Option<ContainerStateTerminated>,
    /// How the one before it ended.
    pub(super) before: Option<ContainerStateTerminated>,
}

impl Container {
    /// The containers of a pod.
    pub(super) fn all(pods: &Pods, pod: &Pod) -> Vec<Self> {
        let spec = pod.spec.as_ref();
        let inits = spec.and_then(|spec| spec.init_containers.as_ref());
        let containers = spec.map(|spec| &spec.containers);
        let containers = inits
            .into_iter()
            .flatten()
            .chain(containers.into_iter().flatten());
        containers
            .map(|container| Self {
                component: pods.component.clone(),
                namespace: pods.namespace.clone(),
                pod: pod.name_any(),
                uid: pod.uid().unwrap_or_default(),
                name: container.name.clone(),
            })
            .collect()
    }

    /// What the pod says of it.
    pub(super) fn state(&self, pod: &Pod) -> State {
        let status = pod.status.as_ref();
        let inits = status.and_then(|status| status.init_container_statuses.as_ref());
        let containers = status.and_then(|status| status.container_statuses.as_ref());
        let mut all = inits.into_iter().chain(containers).flatten();
        all.find(|status| status.name == self.name)
            .map(State::of)
            .unwrap_or_default()
    }

    /// A sentence about it.
    pub(super) fn notice(&self, message: String) -> Item {
        Item::Notice(Notice {
            component: self.component.clone(),
            pod: self.pod.clone(),
            container: Some(self.name.clone()),
            message,
        })
    }
}

impl State {
    fn of(status: &ContainerStatus) -> Self {
        let state = status.state.as_ref();
        let last = status.last_state.as_ref();
        let last = last.and_then(|last| last.terminated.clone());
        let running = state.is_some_and(|state| state.running.is_some());
        let ended = state.and_then(|state| state.terminated.clone());
        // One that waits to be started again is the last one still: its log is what is read.
        let (ended, before) = if running || ended.is_some() {
            (ended, last)
        } else {
            (last, None)
        };
        let id = match &ended {
            Some(ended) => ended.container_id.clone(),
            None => status.container_id.clone().filter(|_| running),
        };
        Self {
            id,
            running,
            ended,
            before,
        }
    }

    /// Whether there is a log.
    pub(super) fn has_log(&self) -> bool {
        self.running || self.ended.is_some()
    }

    /// How the container before it crashed, if it did within the last `seconds`.
    pub(super) fn crashed_lately(&self, seconds: i64) -> Option<&ContainerStateTerminated> {
        let before = self.before.as_ref().filter(|before| before.exit_code != 0)?;
        let finished = before.finished_at.as_ref()?.0.as_second();
        (Timestamp::now().as_second() - finished <= seconds).then_some(before)
    }
}

/// Such as `ended with exit code 1` or `was killed by signal 9`.
pub(super) fn words(ended: &ContainerStateTerminated) -> String {
    ending(ended)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn state(status: Value) -> State {
        State::of(&serde_json::from_value(status).unwrap())
    }

    #[test]
    fn a_container_that_waits_to_be_started_again_is_the_one_that_crashed() {
        let crashed = json!({"terminated": {"exitCode": 1, "containerID": "c1"}});
        let waiting = state(
            json!({"name": "a", "image": "", "imageID": "", "ready": false, "restartCount": 1,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": crashed, "containerID": "c1"}),
        );
        assert!(waiting.has_log() && !waiting.running);
        assert_eq!((waiting.id.as_deref(), &waiting.before), (Some("c1"), &None));
        let running = state(
            json!({"name": "a", "image": "", "imageID": "", "ready": true, "restartCount": 1,
            "state": {"running": {}}, "lastState": crashed, "containerID": "c2"}),
        );
        assert_eq!(running.id.as_deref(), Some("c2"));
        assert_eq!(running.before.map(|before| before.exit_code), Some(1));
        let starting = state(
            json!({"name": "a", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": "ContainerCreating"}}}),
        );
        assert!(!starting.has_log());
    }
}
