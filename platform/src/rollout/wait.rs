//! The wait itself: watch, judge, and decide whether to go on.

mod endings;
mod memory;
mod settled;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::finding::Finding;
use super::surroundings::Surroundings;
use super::target::{self, Group, Target, Targets};
use super::{Diagnosis, Error, Kind, Options, evidence, examine, log};
use crate::event::Stage;
use crate::kubernetes::Cluster;
use crate::kubernetes::error::brief;
use crate::kubernetes::rollout::Rule;
use endings::Endings;
use memory::Memory;
use settled::Runs;
use state::{Open, Seen, Since};

/// How long reading a log may hold up the wait.
const LOG_WITHIN: Duration = Duration::from_secs(2);

/// A wait that goes on.
struct Wait<'a> {
    cluster: &'a Cluster,
    groups: Vec<Group>,
    /// By namespace.
    around: BTreeMap<String, Surroundings>,
    memory: Memory,
    runs: Runs,
    endings: Endings,
    /// Containers whose log was looked at after their first crashes.
    read: BTreeSet<(String, String)>,
    began: Instant,
}

/// What one look ends with.
enum Verdict {
    Done,
    Failed(Vec<(Target, Finding)>),
    /// Why it goes on, and when to look again though nothing has changed.
    Wait(String, Option<Instant>),
}

/// Waits for all targets.
pub(super) async fn wait(
    cluster: &Cluster,
    component: &str,
    targets: Targets,
    options: &Options,
    stage: &Stage,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let waited = cancel.run_until_cancelled(until_done(cluster, component, targets, options, stage));
    waited.await.unwrap_or(Err(Error::Cancelled))
}

async fn until_done(
    cluster: &Cluster,
    component: &str,
    targets: Targets,
    options: &Options,
    stage: &Stage,
) -> Result<(), Error> {
    let began = Instant::now();
    let deadline = began + options.limit;
    let timed_out = |diagnoses| Error::TimedOut {
        component: component.to_owned(),
        limit: options.limit,
        diagnoses,
    };
    let subjects: Vec<String> = targets
        .values()
        .flatten()
        .map(|target| target.id.to_string())
        .collect();
    let Ok(groups) = timeout_at(deadline, target::watch(cluster, targets)).await else {
        return Err(timed_out(evidence::unanswered(cluster, subjects)));
    };
    let groups = groups.map_err(|error| refused(component, &brief(&error)))?;
    let mut wait = Wait {
        cluster,
        groups,
        around: BTreeMap::new(),
        memory: Memory::default(),
        runs: Runs::default(),
        endings: Endings::default(),
        read: BTreeSet::new(),
        began,
    };
    let mut told = String::new();
    loop {
        let verdict = wait.look(options);
        if let Some(found) = wait.wrong_machine(options).await {
            let diagnoses = wait.diagnose(vec![found]).await;
            return Err(Error::Failed {
                component: component.to_owned(),
                diagnoses,
            });
        }
        let (reason, again) = match verdict {
            Verdict::Done => return Ok(()),
            Verdict::Failed(found) => {
                let diagnoses = wait.diagnose(found).await;
                return Err(Error::Failed {
                    component: component.to_owned(),
                    diagnoses,
                });
            }
            Verdict::Wait(reason, again) => (reason, again),
        };
        if let Some(denied) = wait.forbidden() {
            return Err(refused(component, denied));
        }
        if told != reason && !reason.is_empty() {
            told.clone_from(&reason);
            stage.waiting(reason);
        }
        tokio::select! {
            () = wait.changed() => {}
            () = sleep_until(again.unwrap_or(deadline)), if again.is_some() => {}
            () = sleep_until(deadline) => {
                let found = wait.unfinished();
                return Err(timed_out(wait.diagnose(found).await));
            }
        }
    }
}

fn refused(component: &str, reason: &str) -> Error {
    Error::Watch {
        component: component.to_owned(),
        reason: reason.to_owned(),
    }
}

impl Wait<'_> {
    /// Judges everything, and begins to watch what is around those that are not done.
    fn look(&mut self, options: &Options) -> Verdict {
        let now = Instant::now();
        for scene in self.around.values().filter_map(Surroundings::scene) {
            self.runs.heed(scene.pods, now);
        }
        self.heed_endings(options);
        let (open, unknown) = self.open();
        if open.is_empty() && !unknown {
            return Verdict::Done;
        }
        self.watch_around(&open);
        let subjects: Vec<String> = open.iter().map(|open| open.target.id.to_string()).collect();
        let helped = state::helped(&open, options.beside.may_help());
        let found = subjects.iter().zip(&open).zip(helped);
        let found = found.flat_map(|((subject, open), helped)| {
            open.findings
                .iter()
                .map(move |finding| (subject.as_str(), finding, helped))
        });
        self.memory.heed(found, now);
        let mut failed = Vec::new();
        let mut again = open.iter().filter_map(|open| open.again).min();
        for (subject, open) in subjects.iter().zip(&open) {
            for finding in &open.findings {
                let ends = self.memory.ends_at(subject, finding);
                let Some(ends) = ends.filter(|_| options.fail_fast || open.over) else {
                    continue;
                };
                if ends <= now {
                    failed.push((open.target.clone(), finding.clone()));
                } else {
                    again = Some(again.map_or(ends, |again| again.min(ends)));
                }
            }
        }
        if failed.is_empty() {
            Verdict::Wait(self.reason(&open, unknown), again)
        } else {
            Verdict::Failed(failed)
        }
    }

    /// Takes note of how containers ended, before what is wrong with them is judged by it, and tells other components how it stands here.
    fn heed_endings(&mut self, options: &Options) {
        let (open, _) = self.open();
        let helped = state::helped(&open, options.beside.may_help());
        // How often a Job is tried is for the Job to say.
        let heeded = open
            .iter()
            .zip(helped)
            .filter(|(open, _)| open.target.rule != Rule::Job);
        for (open, helped) in heeded {
            self.endings.heed(&open.runs, helped);
        }
        if open.iter().all(Open::is_under_way) {
            options.beside.enter();
        } else {
            options.beside.leave();
        }
    }

    /// What is not done, and whether there is something of which nothing is known yet.
    fn open(&self) -> (Vec<Open>, bool) {
        let since = self.since();
        let mut scenes: BTreeMap<&str, _> = self
            .around
            .iter()
            .map(|(namespace, around)| (namespace.as_str(), around.scene()))
            .collect();
        let makers = self.makers();
        let hopeless = self.endings.alike();
        for scene in scenes.values_mut().flatten() {
            scene.makers = makers;
            scene.hopeless.clone_from(&hopeless);
        }
        let (mut open, mut unknown) = (Vec::new(), false);
        for group in &self.groups {
            for target in &group.targets {
                let namespace = target.id.namespace.as_deref().unwrap_or_default();
                let scene = scenes.get(namespace).and_then(Option::as_ref);
                match state::see(group, target, scene, &since) {
                    Seen::Nothing => unknown = true,
                    Seen::Done => {}
                    Seen::Open(one) => open.push(*one),
                }
            }
        }
        (open, unknown)
    }

    /// Whether something is under way that may make what others miss.
    fn makers(&self) -> bool {
        let all = self
            .groups
            .iter()
            .flat_map(|group| group.targets.iter().map(move |target| (group, target)));
        let mut makers = all.filter(|(_, target)| target.rule.makes_objects());
        let since = self.since();
        makers.any(|(group, target)| !matches!(state::see(group, target, None, &since), Seen::Done))
    }

    fn since(&self) -> Since<'_> {
        Since {
            began: self.began,
            runs: &self.runs,
        }
    }

    fn watch_around(&mut self, open: &[Open]) {
        for one in open.iter().filter(|open| open.target.rule.has_pods()) {
            let namespace = one.target.id.namespace.clone().unwrap_or_default();
            let cluster = self.cluster;
            self.around
                .entry(namespace)
                .or_insert_with_key(|namespace| Surroundings::new(cluster, namespace));
        }
    }

    /// What is waited for, in a few words.
    fn reason(&self, open: &[Open], unknown: bool) -> String {
        let failure = self.groups.iter().find_map(|group| group.watched.failure());
        if let Some(failure) = failure {
            return format!("the API server does not answer: {failure}");
        }
        if unknown {
            // What else there is would only flash by.
            return String::new();
        }
        let told = open
            .iter()
            .find(|open| !open.findings.is_empty())
            .or_else(|| open.iter().find(|open| !open.reason.is_empty()));
        let Some(told) = told else {
            return String::new();
        };
        let words = match told.findings.first() {
            Some(finding) if !told.reason.contains(&finding.brief) => {
                format!("{}; {}", told.reason, finding.brief)
            }
            _ => told.reason.clone(),
        };
        match open.len() {
            1 => words,
            count => format!("{} of {count}: {words}", told.target.id),
        }
    }

    /// What is not done at the end, with what is wrong with it as far as one can tell.
    fn unfinished(&self) -> Vec<(Target, Finding)> {
        let (open, _) = self.open();
        let mut found = Vec::new();
        for one in open {
            if one.findings.is_empty() {
                let finding = examine::unexplained(&one.target, &one.object, &one.reason);
                found.push((one.target, finding));
            } else {
                found.extend(
                    one.findings
                        .into_iter()
                        .map(|finding| (one.target.clone(), finding)),
                );
            }
        }
        let unlisted = self
            .groups
            .iter()
            .filter(|group| group.watched.objects().is_none());
        for group in unlisted {
            let failure = group
                .watched
                .failure()
                .unwrap_or("the API server has not answered");
            let unknown = |target: &Target| {
                let reason = format!("its state is not known: {failure}");
                (
                    target.clone(),
                    examine::unexplained(target, &serde_json::Value::Null, &reason),
                )
            };
            found.extend(group.targets.iter().map(unknown));
        }
        found
    }

    async fn diagnose(&self, found: Vec<(Target, Finding)>) -> Vec<Diagnosis> {
        join_all(
            found
                .iter()
                .map(|(target, finding)| evidence::diagnose(self.cluster, target, finding)),
        )
        .await
    }

    /// A crash that will not pass: some runtimes tell only in the container's log that its program is made for another kind of
    /// machine. Each container's is read once.
    async fn wrong_machine(&mut self, options: &Options) -> Option<(Target, Finding)> {
        let open = if options.fail_fast {
            self.open().0
        } else {
            Vec::new()
        };
        for one in open {
            for mut finding in one
                .findings
                .into_iter()
                .filter(|finding| finding.kind == Kind::Crash)
            {
                let Some(log) = finding.log.clone() else { continue };
                if !self.read.insert((log.pod.clone(), log.container.clone())) {
                    continue;
                }
                let namespace = one.target.id.namespace.as_deref().unwrap_or("default");
                let lines = timeout(LOG_WITHIN, log::tail(self.cluster, namespace, &log))
                    .await
                    .unwrap_or_default();
                if let Some(said) = log::exec_format_error(&lines) {
                    finding.kind = Kind::ImagePlatform;
                    finding.cause = format!(
                        "pod {}, container {}: its program is made for another kind of machine than the node's: {said}",
                        log.pod, log.container
                    );
                    return Some((one.target, finding));
                }
            }
        }
        None
    }

    /// What the API server says when it refuses to show a target's kind.
    fn forbidden(&self) -> Option<&str> {
        let mut groups = self.groups.iter().filter(|group| group.watched.is_forbidden());
        groups.find_map(|group| group.watched.failure())
    }

    /// Waits until something is new.
    async fn changed(&mut self) {
        let mut all: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
        for group in &mut self.groups {
            all.push(Box::pin(group.watched.changed()));
        }
        for around in self.around.values_mut() {
            all.push(Box::pin(around.changed()));
        }
        select_all(all).await;
    }
}
