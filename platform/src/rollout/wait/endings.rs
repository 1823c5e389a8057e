//! How the runs of containers ended, one after the other: a status tells of the last one or two only.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

/// A container of a pod: the pod's UID and the container's name.
pub(in crate::rollout) type Place = (String, String);

/// How a container is: its runs are counted from zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    place: Place,
    /// The last one that began.
    number: i32,
    /// The last one that ended, and its exit code.
    ended: Option<(i32, i32)>,
}

/// What is remembered of a container.
#[derive(Debug, Default)]
struct Known {
    last: Option<(i32, i32)>,
    before: Option<(i32, i32)>,
    /// The last run that began while something else was under way.
    helped: Option<i32>,
}

/// What has been seen of all containers.
#[derive(Debug, Default)]
pub(super) struct Endings {
    known: HashMap<Place, Known>,
}

impl Run {
    /// How the containers of a pod are.
    pub(super) fn of(pod: &Pod) -> impl Iterator<Item = Self> {
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        let status = pod.status.as_ref();
        let inits = status.and_then(|status| status.init_container_statuses.as_ref());
        let containers = status.and_then(|status| status.container_statuses.as_ref());
        let all = inits.into_iter().chain(containers).flatten();
        all.map(move |container| Self {
            place: (uid.clone(), container.name.clone()),
            number: container.restart_count,
            ended: ended(container),
        })
    }

    /// Whether it had to be started again.
    pub(super) fn is_repeated(&self) -> bool {
        self.number > 0
    }
}

fn ended(container: &ContainerStatus) -> Option<(i32, i32)> {
    let state = container.state.as_ref();
    if let Some(now) = state.and_then(|state| state.terminated.as_ref()) {
        return Some((container.restart_count, now.exit_code));
    }
    let last = container.last_state.as_ref()?.terminated.as_ref()?;
    let runs = state.is_some_and(|state| state.running.is_some());
    // While the kubelet holds the next run back the count is that of the run before.
    Some((container.restart_count - i32::from(runs), last.exit_code))
}

impl Endings {
    /// Takes note of how the containers of one object are, and whether something else is under way that may help them.
    pub(super) fn heed<'a>(&mut self, runs: impl IntoIterator<Item = &'a Run>, helped: bool) {
        for run in runs {
            let known = self.known.entry(run.place.clone()).or_default();
            if let Some(ended) = run.ended
                && known.last.is_none_or(|last| last.0 < ended.0)
            {
                known.before = known.last.replace(ended);
            }
            if helped {
                known.helped = Some(run.number);
            }
        }
    }

    /// Containers whose last two runs ended alike, the last of which began when nothing else was under way any more.
    pub(super) fn alike(&self) -> BTreeSet<Place> {
        let alike = self.known.iter().filter(|(_, known)| known.is_alike());
        alike.map(|(place, _)| place.clone()).collect()
    }
}

impl Known {
    fn is_alike(&self) -> bool {
        let (Some(last), Some(before)) = (self.last, self.before) else {
            return false;
        };
        last.0 == before.0 + 1 && last.1 == before.1 && self.helped.is_none_or(|helped| helped < last.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    fn run(restarts: i32, state: &Value, last: &Value) -> Run {
        let pod = json!({
            "metadata": {"uid": "u"},
            "status": {"containerStatuses": [{
                "name": "app", "image": "i", "imageID": "i", "ready": false,
                "restartCount": restarts, "state": state, "lastState": last,
            }]},
        });
        Run::of(&serde_json::from_value(pod).unwrap()).next().unwrap()
    }

    fn runs(restarts: i32, before: &Value) -> Run {
        run(restarts, &json!({"running": {}}), before)
    }

    fn held_back(restarts: i32, code: i32) -> Run {
        run(
            restarts,
            &json!({"waiting": {"reason": "CrashLoopBackOff"}}),
            &terminated(code),
        )
    }

    fn terminated(code: i32) -> Value {
        json!({"terminated": {"exitCode": code}})
    }

    fn alike(seen: &[(Run, bool)]) -> bool {
        let mut endings = Endings::default();
        for (run, helped) in seen {
            endings.heed([run], *helped);
        }
        endings.alike().contains(&("u".to_owned(), "app".to_owned()))
    }

    #[test_case(1, 1 => true; "the same code twice")]
    #[test_case(1, 2 => false; "another code: it came further")]
    fn two_runs_are_compared(first: i32, second: i32) -> bool {
        alike(&[
            (runs(0, &json!({})), false),
            (runs(1, &terminated(first)), false),
            (held_back(1, second), false),
        ])
    }

    #[test]
    fn an_ending_that_was_not_seen_counts_for_nothing() {
        assert!(!alike(&[(held_back(1, 3), false)]));
        // The first may be told as ended, as the one before, or as both.
        assert!(alike(&[
            (run(0, &terminated(3), &json!({})), false),
            (held_back(1, 3), false)
        ]));
        assert!(alike(&[
            (held_back(1, 3), false),
            (run(2, &terminated(3), &terminated(3)), false)
        ]));
    }

    #[test]
    fn a_run_that_began_while_something_else_was_under_way_counts_for_nothing() {
        let beginning = [
            (runs(0, &json!({})), true),
            (runs(1, &terminated(1)), true),
            (held_back(1, 1), true),
            // What it lacked may be there now; it has not been tried yet.
            (held_back(1, 1), false),
        ];
        assert!(!alike(&beginning));
        let mut then = beginning.to_vec();
        then.push((runs(2, &terminated(1)), false));
        assert!(!alike(&then));
        then.push((held_back(2, 1), false));
        assert!(alike(&then));
    }
}
