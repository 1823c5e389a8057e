//! Routes and workers as a report shows them.

use std::collections::BTreeMap;

use super::State;
use super::fleet::Route;
use super::worker::{Instance, RouteStep, Step};
use crate::judge::Severity;
use crate::latency::{Histogram, as_ms};
use crate::number::{finite, float};
use crate::report::{PhaseRow, RouteRow, RouteSide, WorkerRow, WorkerState};
use crate::sample::Millis;

/// Polls that make up what is shown as "now".
const RECENT: usize = 5;

/// A route with such a share of errors is to be looked at, and one with such a share is critical.
const ERRORS: (f64, f64) = (0.05, 0.25);
/// A route of which such a share is refused because of how it was asked is to be looked at: clients and it may have parted.
const CLIENTS: f64 = 0.5;
/// How these are counted.
const OF_CLIENTS: &str = "4xx";

fn per_s(count: u64, elapsed_ms: Millis) -> Option<f64> {
    let milliseconds = float(u64::try_from(elapsed_ms).ok()?);
    finite(float(count) * 1e3 / milliseconds).filter(|_| elapsed_ms > 0)
}

fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| float(part) / float(all))
}

fn percentile_ms(hist: &Histogram, share: f64) -> Option<f64> {
    hist.percentile(share).map(as_ms).and_then(finite)
}

impl State {
    pub(super) fn route_rows(&self) -> Vec<RouteRow> {
        let rows = self.fleet.routes.iter();
        rows.map(|((service, name), route)| self.route_row(service, name, route))
            .collect()
    }

    fn route_row(&self, service: &str, name: &str, route: &Route) -> RouteRow {
        let instances: Vec<&Instance> = self
            .fleet
            .instances
            .values()
            .filter(|instance| instance.sample.name == service && !instance.gone())
            .filter(|instance| instance.data().is_some_and(|data| data.routes.contains_key(name)))
            .collect();
        let inflight = instances
            .iter()
            .filter_map(|instance| instance.data()?.routes.get(name)?.inflight);
        let inflight = inflight.fold(None, |sum: Option<u64>, one| {
            Some(sum.unwrap_or(0).saturating_add(one))
        });
        let worker = instances.iter().any(|instance| !instance.consumes().is_empty());
        let (elapsed, now) = recent(route);
        let failed = now
            .err
            .values()
            .fold(0, |sum: u64, count| sum.saturating_add(*count));
        let error_share = share(failed, now.ok.saturating_add(failed));
        let phase = |(phase, hist): (&String, &Histogram)| PhaseRow {
            phase: phase.clone(),
            p50_ms: percentile_ms(hist, 0.5),
            p99_ms: percentile_ms(hist, 0.99),
        };
        RouteRow {
            service: service.to_owned(),
            route: name.to_owned(),
            side: if worker {
                RouteSide::Worker
            } else {
                RouteSide::Proxy
            },
            subject: route.subject.clone(),
            severity: severity(now.err.get(OF_CLIENTS).copied().unwrap_or(0), failed, now.ok),
            requests_per_s: per_s(now.ok.saturating_add(failed), elapsed),
            p50_ms: percentile_ms(&now.hist, 0.5),
            p90_ms: percentile_ms(&now.hist, 0.9),
            p99_ms: percentile_ms(&now.hist, 0.99),
            max_ms: now.hist.max().map(as_ms),
            error_share,
            errors_per_s: errors(&now.err, elapsed),
            inflight,
            instances: u64::try_from(instances.len()).unwrap_or(u64::MAX),
            phases: now.phases.iter().map(phase).collect(),
            trend_requests_per_s: route
                .steps
                .iter()
                .map(|(elapsed, step)| per_s(step.count(), *elapsed))
                .collect(),
            heat: route
                .steps
                .iter()
                .map(|(_, step)| {
                    step.hist
                        .buckets()
                        .map(|(low, count)| (as_ms(low), count))
                        .collect()
                })
                .collect(),
        }
    }

    pub(super) fn worker_rows(&self, now: Millis) -> Vec<WorkerRow> {
        self.fleet
            .instances
            .values()
            .map(|instance| worker_row(instance, now))
            .collect()
    }
}

impl RouteStep {
    fn count(&self) -> u64 {
        self.err
            .values()
            .fold(self.ok, |sum, count| sum.saturating_add(*count))
    }
}

fn recent(route: &Route) -> (Millis, RouteStep) {
    let mut sum = RouteStep::default();
    let mut elapsed = 0;
    for (step_elapsed, step) in route.steps.iter().rev().take(RECENT) {
        elapsed = Millis::saturating_add(elapsed, *step_elapsed);
        sum.add(step);
    }
    (elapsed, sum)
}

fn errors(err: &BTreeMap<String, u64>, elapsed: Millis) -> BTreeMap<String, f64> {
    let rate = |(kind, count): (&String, &u64)| Some((kind.clone(), per_s(*count, elapsed)?));
    err.iter().filter_map(rate).collect()
}

/// What clients ask wrongly is no fault here, unless nearly all of them do.
fn severity(of_clients: u64, failed: u64, ok: u64) -> Severity {
    let all = ok.saturating_add(failed);
    let at_least = |count: u64, limit: f64| share(count, all).is_some_and(|share| share >= limit);
    let ours = failed.saturating_sub(of_clients);
    if at_least(ours, ERRORS.1) {
        Severity::Crit
    } else if at_least(ours, ERRORS.0) || at_least(of_clients, CLIENTS) {
        Severity::Warn
    } else {
        Severity::Ok
    }
}

fn worker_row(instance: &Instance, now: Millis) -> WorkerRow {
    let sample = &instance.sample;
    let sum = |part: fn(&Step) -> u64| {
        instance
            .steps
            .iter()
            .fold(0, |sum: u64, step| sum.saturating_add(part(step)))
    };
    let (requests, errors) = (sum(|step| step.requests), sum(|step| step.errors));
    let elapsed = instance
        .steps
        .iter()
        .fold(0, |sum: Millis, step| sum.saturating_add(step.elapsed_ms));
    let processing: f64 = instance.steps.iter().map(|step| step.processing_ns).sum();
    let mut hist = Histogram::default();
    instance.steps.iter().for_each(|step| hist.add(&step.hist));
    let concurrency = float(
        instance
            .data()
            .and_then(|data| data.concurrency)
            .unwrap_or(1)
            .max(1),
    );
    let (state, severity) = match instance.missed {
        0 => (WorkerState::Up, Severity::Ok),
        1 => (WorkerState::Late, Severity::Ok),
        _ => (WorkerState::Gone, Severity::Warn),
    };
    let milliseconds = float(u64::try_from(elapsed).unwrap_or(0));
    let started = sample.started_ns.map(crate::number::millis);
    let last_error = sample
        .endpoints
        .iter()
        .find_map(|endpoint| endpoint.last_error.clone());
    WorkerRow {
        service: sample.name.clone(),
        id: sample.id.clone(),
        version: sample.version.clone(),
        state,
        severity,
        endpoints: u64::try_from(sample.endpoints.len()).unwrap_or(u64::MAX),
        requests_per_s: per_s(requests, elapsed),
        error_share: share(errors, requests),
        average_ms: (requests > 0)
            .then(|| as_ms(processing) / float(requests))
            .and_then(finite),
        p50_ms: percentile_ms(&hist, 0.5),
        p99_ms: percentile_ms(&hist, 0.99),
        busy_share: finite(as_ms(processing) / milliseconds / concurrency),
        round_trip_ms: sample.round_trip_ms.and_then(finite),
        last_error: last_error.filter(|error| !error.is_empty()),
        uptime_ms: started.map(|started| now.saturating_sub(started).max(0)),
        pod: instance.pod().map(str::to_owned),
        node: instance.node().map(str::to_owned),
        consumes: instance
            .consumes()
            .iter()
            .map(|one| format!("{}/{}", one.stream, one.consumer))
            .collect(),
        age_ms: now.saturating_sub(instance.seen).max(0),
    }
}
