//! Workloads that their Deployment calls available, as a real cluster gave them.

use k8s_openapi::api::core::v1::Probe;
use serde::Deserialize;
use test_case::test_case;

use super::*;

/// One moment. Recorded with Kubernetes 1.34 and containerd, a line each: a container that ends with exit code 3 two seconds after every
/// start, and one that runs on in a Deployment with `minReadySeconds: 4`.
#[derive(Deserialize)]
struct Recorded {
    case: String,
    object: Value,
    pods: Vec<Pod>,
}

impl Recorded {
    fn of(case: &str) -> Self {
        let lines = include_str!("recorded.jsonl").lines();
        let mut all = lines.map(|line| serde_json::from_str::<Recorded>(line).unwrap());
        all.find(|recorded| recorded.case == case).unwrap()
    }

    fn status(&mut self) -> &mut ContainerStatus {
        let status = self.pods[0].status.as_mut().unwrap();
        &mut status.container_statuses.as_mut().unwrap()[0]
    }

    fn started(&mut self) -> Timestamp {
        started(self.status()).unwrap()
    }

    /// What is not settled so many seconds, by the cluster's clock, after the start of the container.
    fn after(&mut self, seconds: i64, runs: &Runs, here: Instant) -> Option<Unsettled> {
        let there = Timestamp::new(self.started().as_second() + seconds, 0).unwrap();
        self.unsettled(runs, Now { here, there })
    }

    fn unsettled(&self, runs: &Runs, now: Now) -> Option<Unsettled> {
        runs.unsettled(&self.object, &self.pods.iter().collect::<Vec<_>>(), now)
    }
}

fn now() -> Now {
    Now {
        here: Instant::now(),
        there: Timestamp::now(),
    }
}

#[test_case("started", 0 => Some(("runs, and is watched for 3 s as it has no readiness probe".to_owned(), Some(3))); "at its start")]
#[test_case("started", 2 => Some(("runs, and is watched for 3 s as it has no readiness probe".to_owned(), Some(2))); "soon after it")]
#[test_case("started", 4 => None; "when it has run for a while")]
#[test_case("started", 100_000 => None; "long ago")]
#[test_case("started", -100 => Some(("runs, and is watched for 3 s as it has no readiness probe".to_owned(), Some(3))); "by a clock that is ahead")]
#[test_case("started again", 4 => Some(("runs, and is watched for 10 s as it has ended once before".to_owned(), Some(7))); "started again")]
#[test_case("started again", 11 => None; "started again a while ago")]
#[test_case("minimum", 0 => None; "where Kubernetes has waited")]
fn a_container_has_to_run_for_a_while(case: &str, seconds: i64) -> Option<(String, Option<u64>)> {
    let (mut recorded, here) = (Recorded::of(case), Instant::now());
    let found = recorded.after(seconds, &Runs::default(), here)?;
    let place = format!(
        "{}, container app: ",
        recorded.pods[0].metadata.name.as_deref().unwrap()
    );
    let reason = found.reason.strip_prefix(&place).unwrap().to_owned();
    Some((reason, found.until.map(|until| (until - here).as_secs())))
}

#[test_case("ended"; "just now")]
#[test_case("held back"; "again and again")]
fn what_has_ended_is_not_settled_though_it_still_counts_as_available(case: &str) {
    let recorded = Recorded::of(case);
    assert_eq!(recorded.object["status"]["availableReplicas"], 1);
    let found = recorded.unsettled(&Runs::default(), now()).unwrap();
    assert!(found.reason.ends_with("container app: has ended"), "{found:?}");
    assert_eq!(found.until, None);
}

#[test]
fn a_container_with_a_probe_is_taken_at_its_word_until_it_ends() {
    for (case, settled) in [("started", true), ("started again", false)] {
        let mut recorded = Recorded::of(case);
        let spec = recorded.pods[0].spec.as_mut().unwrap();
        spec.containers[0].readiness_probe = Some(Probe::default());
        let found = recorded.after(0, &Runs::default(), Instant::now());
        assert_eq!(found.is_none(), settled, "{found:?}");
    }
}

#[test]
fn by_our_own_clock_each_run_counts_from_when_it_was_seen() {
    let (mut recorded, mut runs, began) = (Recorded::of("started"), Runs::default(), Instant::now());
    let seconds = Duration::from_secs;
    runs.heed(&recorded.pods, began);
    runs.heed(&recorded.pods, began + seconds(2));
    // A clock that is ahead by more than it runs says nothing.
    assert!(recorded.after(-50, &runs, began + seconds(2)).is_some());
    assert_eq!(recorded.after(-50, &runs, began + seconds(3)), None);
    recorded.status().restart_count = 1;
    runs.heed(&recorded.pods, began + seconds(3));
    let again = recorded.after(-50, &runs, began + seconds(3)).unwrap();
    assert_eq!(again.until, Some(began + seconds(13)));
}

#[test]
fn pods_that_go_or_are_over_say_nothing() {
    let mut recorded = Recorded::of("ended");
    recorded.pods[0].status.as_mut().unwrap().phase = Some("Succeeded".to_owned());
    assert_eq!(recorded.unsettled(&Runs::default(), now()), None);
}
