//! One instance of a service over several polls.

use std::collections::{BTreeMap, VecDeque};

use crate::judge::Workers;
use crate::latency::Histogram;
use crate::sample::{EndpointSample, Millis, RouteData, ServiceData, ServiceSample, StreamConsumer};

/// Polls that make up what is shown as "now".
const RECENT: usize = 5;

/// Who works on one consumer.
#[derive(Clone, Debug, Default)]
pub(super) struct Crew {
    pub(super) workers: Workers,
    pub(super) component: Option<String>,
    /// `service/id` of those that are there.
    pub(super) names: Vec<String>,
}

/// What an instance did between two polls.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) elapsed_ms: Millis,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) processing_ns: f64,
    pub(super) hist: Histogram,
}

/// What came over one route between two polls.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteStep {
    pub(super) ok: u64,
    pub(super) err: BTreeMap<String, u64>,
    pub(super) hist: Histogram,
    pub(super) phases: BTreeMap<String, Histogram>,
}

#[derive(Debug)]
pub(super) struct Instance {
    pub(super) sample: ServiceSample,
    pub(super) seen: Millis,
    /// Polls that it has missed.
    pub(super) missed: u32,
    pub(super) steps: VecDeque<Step>,
}

impl Instance {
    pub(super) fn new(sample: ServiceSample, at: Millis) -> Self {
        Self {
            sample,
            seen: at,
            missed: 0,
            steps: VecDeque::new(),
        }
    }

    /// Takes the next poll in; what came over its routes since the last one, unless it has begun anew.
    pub(super) fn take(&mut self, sample: ServiceSample, at: Millis) -> BTreeMap<String, RouteStep> {
        let before = std::mem::replace(&mut self.sample, sample);
        let elapsed_ms = at.saturating_sub(self.seen);
        (self.seen, self.missed) = (at, 0);
        if before.started_ns != self.sample.started_ns || elapsed_ms <= 0 {
            self.steps.clear();
            return BTreeMap::new();
        }
        let routes = route_steps(data(&before), data(&self.sample));
        if let Some(step) = self.step(&before, &routes, elapsed_ms) {
            if self.steps.len() == RECENT {
                self.steps.pop_front();
            }
            self.steps.push_back(step);
        } else {
            self.steps.clear();
        }
        routes
    }

    fn step(
        &self,
        before: &ServiceSample,
        routes: &BTreeMap<String, RouteStep>,
        elapsed_ms: Millis,
    ) -> Option<Step> {
        let (was, is) = (totals(&before.endpoints), totals(&self.sample.endpoints));
        let mut step = Step {
            elapsed_ms,
            requests: is.0.checked_sub(was.0)?,
            errors: is.1.checked_sub(was.1)?,
            processing_ns: crate::number::float(is.2.checked_sub(was.2)?),
            hist: Histogram::default(),
        };
        let mut work = 0.0;
        for route in routes.values() {
            step.hist.add(&route.hist);
            work += route.phases.get("work").unwrap_or(&route.hist).sum();
        }
        // A pull worker answers no request of the service API: its routes tell what it does.
        if step.requests == 0 && !routes.is_empty() {
            let failed = routes.values().flat_map(|route| route.err.values());
            step.errors = failed.fold(0, |sum, count| sum.saturating_add(*count));
            let fine = routes
                .values()
                .fold(0, |sum: u64, route| sum.saturating_add(route.ok));
            step.requests = fine.saturating_add(step.errors);
            step.processing_ns = work;
        }
        Some(step)
    }

    pub(super) fn gone(&self) -> bool {
        self.missed >= 2
    }

    pub(super) fn data(&self) -> Option<&ServiceData> {
        data(&self.sample)
    }

    pub(super) fn pod(&self) -> Option<&str> {
        let told = self.data().and_then(|data| data.pod.as_deref());
        told.or_else(|| self.sample.metadata.get("pod").map(String::as_str))
    }

    pub(super) fn node(&self) -> Option<&str> {
        let told = self.data().and_then(|data| data.node.as_deref());
        told.or_else(|| self.sample.metadata.get("node").map(String::as_str))
    }

    /// What it says it takes messages from.
    pub(super) fn consumes(&self) -> Vec<StreamConsumer> {
        let mut all = self.data().map_or_else(Vec::new, |data| data.consumes.clone());
        let metadata = |key: &str| self.sample.metadata.get(key).cloned();
        if let (Some(stream), Some(consumer)) = (metadata("stream"), metadata("consumer")) {
            all.push(StreamConsumer { stream, consumer });
        }
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.sample.name, self.sample.id)
    }
}

/// The first that an endpoint tells: they are asked one by one, and all tell the same.
fn data(sample: &ServiceSample) -> Option<&ServiceData> {
    sample
        .endpoints
        .iter()
        .find_map(|endpoint| endpoint.data.as_ref())
}

fn totals(endpoints: &[EndpointSample]) -> (u64, u64, u64) {
    endpoints.iter().fold(
        (0, 0, 0),
        |(requests, errors, time): (u64, u64, u64), endpoint| {
            (
                requests.saturating_add(endpoint.num_requests),
                errors.saturating_add(endpoint.num_errors),
                time.saturating_add(endpoint.processing_time_ns),
            )
        },
    )
}

fn route_steps(before: Option<&ServiceData>, now: Option<&ServiceData>) -> BTreeMap<String, RouteStep> {
    let (Some(before), Some(now)) = (before, now) else {
        return BTreeMap::new();
    };
    let nothing = RouteData::default();
    let step = |(name, route): (&String, &RouteData)| {
        let earlier = before.routes.get(name).unwrap_or(&nothing);
        route_step(earlier, route).map(|step| (name.clone(), step))
    };
    now.routes.iter().filter_map(step).collect()
}

fn route_step(before: &RouteData, now: &RouteData) -> Option<RouteStep> {
    let grown = |now: &crate::sample::Buckets, before: Option<&crate::sample::Buckets>| {
        let earlier = before.and_then(Histogram::read).unwrap_or_default();
        Histogram::read(now)?.since(&earlier)
    };
    let mut step = RouteStep {
        ok: now.ok.checked_sub(before.ok)?,
        hist: grown(&now.hist, Some(&before.hist)).unwrap_or_default(),
        ..RouteStep::default()
    };
    for (kind, count) in &now.err {
        let earlier = before.err.get(kind).copied().unwrap_or(0);
        step.err.insert(kind.clone(), count.checked_sub(earlier)?);
    }
    for (phase, hist) in &now.phases {
        if let Some(grown) = grown(hist, before.phases.get(phase)) {
            step.phases.insert(phase.clone(), grown);
        }
    }
    Some(step)
}
