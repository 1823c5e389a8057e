//! Services: their instances, their routes over all instances, and who works on which consumer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::worker::{Crew, Instance, RouteStep};
use super::{State, cleaning};
use crate::judge::{Severity, Workers};
use crate::sample::{Millis, ServiceSample, ServicesSample};

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

impl Fleet {
    /// Takes one answer in; how much of it there is no room for.
    fn answer(&mut self, at: Millis, service: ServiceSample) -> u64 {
        let key = (service.name.clone(), service.id.clone());
        let Some(instance) = self.instances.get_mut(&key) else {
            let fits = self.instances.len() < INSTANCES;
            if fits {
                self.instances.insert(key, Instance::new(service, at));
            }
            return u64::from(!fits);
        };
        let elapsed = at.saturating_sub(instance.seen);
        let steps = instance.take(service, at);
        let subject = |name: &str| instance.data()?.routes.get(name)?.subject.clone();
        let steps: Vec<_> = steps
            .into_iter()
            .map(|(name, step)| (subject(&name), name, step))
            .collect();
        let keep = |(subject, name, step): (Option<String>, String, RouteStep)| {
            u64::from(!self.keep(&key.0, name, elapsed, &step, subject.as_deref()))
        };
        steps.into_iter().map(keep).sum()
    }

    /// Begins a poll: each route has a step of its own for it.
    fn begin(&mut self) {
        for route in self.routes.values_mut() {
            if route.steps.len() == POLLS {
                route.steps.pop_front();
            }
            route.steps.push_back((0, RouteStep::default()));
        }
    }

    /// Counts the poll for those that did not answer it; returns those that are gone by that.
    fn miss(&mut self, answered: &BTreeSet<(String, String)>) -> Vec<String> {
        let silent = self
            .instances
            .iter_mut()
            .filter(|(key, _)| !answered.contains(key));
        let missed = silent.map(|(_, instance)| {
            instance.missed = instance.missed.saturating_add(1);
            (instance.missed == 2).then(|| instance.name())
        });
        missed.flatten().collect()
    }
}

impl State {
    pub(super) fn take_services(&mut self, at: Millis, sample: ServicesSample) {
        self.fleet.begin();
        self.left_out.services = 0;
        let mut answered = BTreeSet::new();
        for mut service in sample.services {
            cleaning::service(&mut service);
            answered.insert((service.name.clone(), service.id.clone()));
            self.left_out.services += self.fleet.answer(at, service);
        }
        for object in self.fleet.miss(&answered) {
            self.journal
                .seen(at, object, Severity::Warn, "does not answer any more");
        }
        let (pods, streams) = (&self.pods, &self.streams);
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
