//! Asks a running program again and again whether it is ready, and says when that changes.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::program::Probe;
use super::{Phase, Status};
use crate::event::{Event, Events, millis};

/// How long one question may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Between questions at first: most programs are ready soon.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
/// Between questions to a program that takes its time.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// Between questions to a program that is ready; many write a line for each.
const READY_PAUSE: Duration = Duration::from_secs(3);
/// Between questions to a program that was ready and has not answered.
const DOUBT_PAUSE: Duration = Duration::from_secs(1);
/// Only after this time is it worth a word that a program is not ready yet.
const PATIENCE: Duration = Duration::from_secs(3);
/// One lost answer does not make a ready program unready.
const FAILURES: u32 = 3;

/// What is known about the readiness of one run.
pub(super) struct Readiness<'a> {
    component: &'a str,
    started: Instant,
    events: &'a Events,
    status: &'a watch::Sender<Status>,
    ready: bool,
    failures: u32,
    told: Option<String>,
}

impl<'a> Readiness<'a> {
    pub(super) fn new(
        component: &'a str,
        started: Instant,
        events: &'a Events,
        status: &'a watch::Sender<Status>,
    ) -> Self {
        Self {
            component,
            started,
            events,
            status,
            ready: false,
            failures: 0,
            told: None,
        }
    }

    /// Asks for as long as the caller lets it.
    pub(super) async fn watch(mut self, mut probe: Box<dyn Probe>) -> Infallible {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let answer = tokio::time::timeout(ANSWER_WITHIN, probe.ask()).await;
            match answer.unwrap_or_else(|_| Err("no answer to the readiness check within 2 s".to_owned())) {
                Ok(url) => {
                    self.answered(url);
                    pause = READY_PAUSE;
                }
                Err(reason) => {
                    self.failed(reason);
                    pause = if self.ready {
                        DOUBT_PAUSE
                    } else {
                        (pause * 2).min(LONGEST_PAUSE)
                    };
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn answered(&mut self, url: Option<String>) {
        self.failures = 0;
        if self.ready {
            return;
        }
        self.ready = true;
        self.told = None;
        self.status.send_modify(|status| {
            status.phase = Phase::Ready;
            status.reason = None;
            status.url.clone_from(&url);
        });
        let (component, after_ms) = (self.component.to_owned(), millis(self.started.elapsed()));
        self.events.send(Event::Ready {
            component,
            url,
            after_ms,
        });
    }

    fn failed(&mut self, reason: String) {
        if self.ready {
            self.failures += 1;
            if self.failures < FAILURES {
                return;
            }
            self.ready = false;
            self.status.send_modify(|status| status.phase = Phase::Unready);
        } else if self.started.elapsed() < PATIENCE {
            return;
        }
        if self.told.as_ref() != Some(&reason) {
            self.status
                .send_modify(|status| status.reason = Some(reason.clone()));
            self.events.send(Event::Unready {
                component: self.component.to_owned(),
                reason: reason.clone(),
            });
            self.told = Some(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event;

    fn fixture() -> (watch::Sender<Status>, watch::Receiver<Status>) {
        watch::channel(Status {
            phase: Phase::Starting,
            reason: None,
            pid: Some(1),
            url: None,
            restarts: 0,
        })
    }

    #[tokio::test]
    async fn readiness_is_told_once_and_lost_only_after_several_failures() {
        let (status, seen) = fixture();
        let (events, mut receiver) = event::channel();
        let mut readiness = Readiness::new("a", Instant::now(), &events, &status);
        readiness.answered(Some("http://a".to_owned()));
        readiness.answered(Some("http://a".to_owned()));
        assert_eq!(seen.borrow().phase, Phase::Ready);
        for _ in 1..FAILURES {
            readiness.failed("gone".to_owned());
            assert_eq!(seen.borrow().phase, Phase::Ready);
        }
        readiness.failed("gone".to_owned());
        assert_eq!(seen.borrow().phase, Phase::Unready);
        assert_eq!(seen.borrow().reason.as_deref(), Some("gone"));

        assert!(matches!(receiver.recv().await, Some(Event::Ready { .. })));
        assert!(matches!(receiver.recv().await, Some(Event::Unready { .. })));
        drop(events);
        assert_eq!(receiver.recv().await, None);
    }

    #[tokio::test]
    async fn a_program_that_takes_its_time_says_each_reason_once() {
        let (status, _seen) = fixture();
        let (events, mut receiver) = event::channel();
        let long_ago = Instant::now().checked_sub(PATIENCE).unwrap();
        let mut readiness = Readiness::new("a", long_ago, &events, &status);
        for reason in ["x", "x", "y"] {
            readiness.failed(reason.to_owned());
        }
        drop(events);
        let mut reasons = Vec::new();
        while let Some(Event::Unready { reason, .. }) = receiver.recv().await {
            reasons.push(reason);
        }
        assert_eq!(reasons, ["x", "y"]);
    }
}
