//! Services: their instances, their routes over all instances, and who works on which consumer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::journal::Entry;
use super::worker::{Crew, Instance, RouteStep};
use super::{State, cleaning};
use crate::judge::{Severity, Workers};
use crate::report::EventKind;
use crate::sample::{Millis, ServicesSample};

/// Instances kept.
const INSTANCES: usize = 2_000;

/// Routes kept, over all services.
const ROUTES: usize = 1_000;

/// Polls of a route that are kept.
const POLLS: usize = 30;

/// An instance that is gone is shown for so long, in milliseconds.
const REMEMBERED: Millis = 120_000;

#[derive(Debug, Default)]
pub(super) struct Fleet {
    /// By service and id.
    pub(super) instances: BTreeMap<(String, String), Instance>,
    /// By service and route.
    pub(super) routes: BTreeMap<(String, String), Route>,
    /// By stream and consumer.
    crews: BTreeMap<String, BTreeMap<String, Crew>>,
}

/// One route over all instances.
#[derive(Debug, Default)]
pub(super) struct Route {
    pub(super) subject: Option<String>,
    /// One for each poll, and how long that was, the oldest first.
    pub(super) steps: VecDeque<(Millis, RouteStep)>,
}

impl Fleet {
    pub(super) fn crews(&self, stream: &str) -> Option<&BTreeMap<String, Crew>> {
        self.crews.get(stream)
    }

    /// Forgets what has been gone for long.
    pub(super) fn tick(&mut self, at: Millis) {
        self.instances
            .retain(|_, instance| at.saturating_sub(instance.seen) <= REMEMBERED);
        let there: BTreeSet<&str> = self
            .instances
            .keys()
            .map(|(service, _)| service.as_str())
            .collect();
        self.routes
            .retain(|(service, _), _| there.contains(service.as_str()));
    }

    fn keep(
        &mut self,
        service: &str,
        name: String,
        elapsed: Millis,
        step: &RouteStep,
        subject: Option<&str>,
    ) -> bool {
        let key = (service.to_owned(), name);
        if self.routes.len() >= ROUTES && !self.routes.contains_key(&key) {
            return false;
        }
        let route = self.routes.entry(key).or_default();
        if let Some(subject) = subject {
            route.subject = Some(subject.to_owned());
        }
        if route.steps.is_empty() {
            route.steps.push_back((0, RouteStep::default()));
        }
        if let Some((longest, sum)) = route.steps.back_mut() {
            *longest = elapsed.max(*longest);
            sum.add(step);
        }
        true
    }

    /// Who works on what, from what the instances say. A consumer that had workers keeps having had them.
    fn muster(
        &mut self,
        component: impl Fn(&Instance) -> Option<String>,
        known: impl Fn(&str, &str) -> bool,
    ) {
        for crew in self.crews.values_mut().flat_map(BTreeMap::values_mut) {
            crew.workers = Workers::Gone;
            crew.names.clear();
        }
        for instance in self.instances.values() {
            for consumed in instance.consumes() {
                let crew = self
                    .crews
                    .entry(consumed.stream)
                    .or_default()
                    .entry(consumed.consumer)
                    .or_default();
                crew.component = component(instance).or_else(|| crew.component.take());
                if instance.gone() {
                    continue;
                }
                crew.names.push(instance.name());
                crew.workers = Workers::Alive(crew.names.len());
            }
        }
        for (stream, crews) in &mut self.crews {
            crews.retain(|consumer, crew| !crew.names.is_empty() || known(stream, consumer));
        }
        self.crews.retain(|_, crews| !crews.is_empty());
    }
}

impl RouteStep {
    pub(super) fn add(&mut self, other: &Self) {
        self.ok = self.ok.saturating_add(other.ok);
        self.hist.add(&other.hist);
        for (kind, count) in &other.err {
            let sum = self.err.entry(kind.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        for (phase, hist) in &other.phases {
            self.phases.entry(phase.clone()).or_default().add(hist);
        }
    }
}

impl State {
    pub(super) fn take_services(&mut self, at: Millis, sample: ServicesSample) {
        let fleet = &mut self.fleet;
        let mut left_out = 0_u64;
        for route in fleet.routes.values_mut() {
            if route.steps.len() == POLLS {
                route.steps.pop_front();
            }
            route.steps.push_back((0, RouteStep::default()));
        }
        let mut answered = BTreeSet::new();
        for mut service in sample.services {
            cleaning::service(&mut service);
            let key = (service.name.clone(), service.id.clone());
            if let Some(instance) = fleet.instances.get_mut(&key) {
                let elapsed = at.saturating_sub(instance.seen);
                let steps = instance.take(service, at);
                let subjects: BTreeMap<String, String> = instance.data().map_or_else(BTreeMap::new, |data| {
                    let subject = |(name, route): (&String, &crate::sample::RouteData)| {
                        Some((name.clone(), route.subject.clone()?))
                    };
                    data.routes.iter().filter_map(subject).collect()
                });
                for (name, step) in steps {
                    let subject = subjects.get(&name).map(String::as_str);
                    left_out += u64::from(!fleet.keep(&key.0, name, elapsed, &step, subject));
                }
            } else if fleet.instances.len() < INSTANCES {
                fleet.instances.insert(key.clone(), Instance::new(service, at));
            } else {
                left_out += 1;
            }
            answered.insert(key);
        }
        self.left_out.services = left_out;
        for (key, instance) in &mut fleet.instances {
            if answered.contains(key) {
                continue;
            }
            instance.missed = instance.missed.saturating_add(1);
            if instance.missed == 2 {
                self.journal.note(Entry {
                    at,
                    kind: EventKind::State,
                    severity: Severity::Warn,
                    object: instance.name(),
                    topic: "gone".to_owned(),
                    text: "does not answer any more".to_owned(),
                    count: 1,
                });
            }
        }
        let pods = &self.pods;
        let streams = &self.streams;
        let component = |instance: &Instance| {
            let told = instance.sample.metadata.get("component").cloned();
            told.or_else(|| pods.component(instance.pod()?).map(str::to_owned))
        };
        self.fleet.muster(component, |stream, consumer| {
            let named = streams.iter().filter(|(key, _)| key.stream == stream);
            named
                .map(|(_, entry)| entry)
                .any(|entry| entry.consumers.contains_key(consumer))
        });
    }
}
