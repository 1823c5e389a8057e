//! The way of messages through a consumer that is not well: route, subject, stream, consumer, worker, pod.

use std::collections::BTreeMap;

use crate::judge::Severity;
use crate::report::{
    Cause, ConsumerRow, Link, LinkKind, PodRow, Report, RouteSide, StreamRow, WorkerRow, WorkerState,
};

/// Ways of a report.
const MOST: usize = 50;

pub(super) fn of(report: &Report) -> Vec<Cause> {
    let mut unwell: Vec<&ConsumerRow> = report
        .consumers
        .iter()
        .filter(|row| row.severity >= Severity::Warn && !row.ephemeral)
        .collect();
    // The same order as that of the problems: the lists are read side by side.
    unwell.sort_by(|one, other| {
        (other.severity, &one.stream, &one.consumer).cmp(&(one.severity, &other.stream, &other.consumer))
    });
    let index = Index::of(report);
    unwell
        .into_iter()
        .take(MOST)
        .map(|row| index.cause(report, row))
        .collect()
}

struct Index<'a> {
    streams: BTreeMap<(Option<&'a str>, &'a str), &'a StreamRow>,
    workers: BTreeMap<String, Vec<&'a WorkerRow>>,
    pods: BTreeMap<&'a str, &'a PodRow>,
}

impl<'a> Index<'a> {
    fn of(report: &'a Report) -> Self {
        let mut workers: BTreeMap<String, Vec<&WorkerRow>> = BTreeMap::new();
        for worker in &report.workers {
            for consumed in &worker.consumes {
                workers.entry(consumed.clone()).or_default().push(worker);
            }
        }
        Self {
            streams: report
                .streams
                .iter()
                .map(|row| ((row.account.as_deref(), row.stream.as_str()), row))
                .collect(),
            workers,
            pods: report.pods.iter().map(|row| (row.pod.as_str(), row)).collect(),
        }
    }

    fn cause(&self, report: &Report, row: &ConsumerRow) -> Cause {
        let object = format!("{}/{}", row.stream, row.consumer);
        let stream = self
            .streams
            .get(&(row.account.as_deref(), row.stream.as_str()))
            .copied();
        let mut links = way_in(report, row, stream);
        if let Some(stream) = stream {
            links.push(Link {
                kind: LinkKind::Stream,
                name: stream.stream.clone(),
                count: 1,
                state: stream.state.name().to_owned(),
                severity: stream.severity,
            });
        }
        links.push(Link {
            kind: LinkKind::Consumer,
            name: row.consumer.clone(),
            count: 1,
            state: row.state.name().to_owned(),
            severity: row.severity,
        });
        links.extend(self.way_out(&object));
        let first = links.iter().position(|link| link.severity >= Severity::Unknown);
        Cause {
            object,
            first_unhealthy: first.and_then(|index| u64::try_from(index).ok()),
            links,
        }
    }

    fn way_out(&self, object: &str) -> Vec<Link> {
        let Some(workers) = self.workers.get(object) else {
            return Vec::new();
        };
        let pods = workers
            .iter()
            .filter_map(|worker| self.pods.get(worker.pod.as_deref()?))
            .copied();
        let worker = worst(
            LinkKind::Worker,
            workers.iter().map(|row| {
                let state = match row.state {
                    WorkerState::Up => "UP",
                    WorkerState::Late => "LATE",
                    WorkerState::Gone => "GONE",
                };
                (
                    format!("{}/{}", row.service, row.id),
                    state.to_owned(),
                    row.severity,
                )
            }),
        );
        let pod = worst(
            LinkKind::Pod,
            pods.map(|row| {
                (
                    format!("{}/{}", row.namespace, row.pod),
                    row.status.clone(),
                    row.severity,
                )
            }),
        );
        worker.into_iter().chain(pod).collect()
    }
}

/// The routes that publish what the consumer takes, and the subject of the worst of them.
fn way_in(report: &Report, row: &ConsumerRow, stream: Option<&StreamRow>) -> Vec<Link> {
    let filters = row.raw.as_ref().map_or(&[][..], |raw| &raw.filter_subjects);
    let taken = stream
        .and_then(|stream| stream.raw.as_ref())
        .map_or(&[][..], |raw| &raw.subjects);
    let wanted = if filters.is_empty() { taken } else { filters };
    let fits = |subject: &str| wanted.iter().any(|filter| overlap(filter, subject));
    let routes = report
        .routes
        .iter()
        .filter(|route| route.side == RouteSide::Proxy);
    let routes: Vec<_> = routes
        .filter(|route| route.subject.as_deref().is_some_and(fits))
        .collect();
    let state = |severity| {
        if severity >= Severity::Warn {
            "ERRORS"
        } else {
            "OK"
        }
    };
    let named = routes.iter().map(|route| {
        (
            route.route.clone(),
            state(route.severity).to_owned(),
            route.severity,
        )
    });
    let Some(link) = worst(LinkKind::Route, named) else {
        return Vec::new();
    };
    let subject = routes
        .iter()
        .find(|route| route.route == link.name)
        .and_then(|route| route.subject.clone());
    let subject = subject.map(|name| Link {
        kind: LinkKind::Subject,
        name,
        count: 1,
        state: "OK".to_owned(),
        severity: Severity::Ok,
    });
    [Some(link), subject].into_iter().flatten().collect()
}

fn worst(kind: LinkKind, rows: impl Iterator<Item = (String, String, Severity)>) -> Option<Link> {
    let mut count = 0;
    let mut found: Option<(String, String, Severity)> = None;
    for row in rows {
        count += 1;
        if found.as_ref().is_none_or(|found| row.2 > found.2) {
            found = Some(row);
        }
    }
    found.map(|(name, state, severity)| Link {
        kind,
        name,
        count,
        state,
        severity,
    })
}

/// Whether a message can have a subject that both patterns match.
fn overlap(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(left), Some(right)) if left == right || left == "*" || right == "*" => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::overlap;

    #[test_case("api.>", "api.get.ratings", true)]
    #[test_case("api.get.*", "api.get.ratings", true)]
    #[test_case("api.*.ratings", "api.get.>", true)]
    #[test_case("api.get", "api.get.ratings", false)]
    #[test_case("api.>", "api", false)]
    #[test_case("events.>", "api.>", false)]
    fn patterns_overlap(one: &str, other: &str, overlaps: bool) {
        assert_eq!((overlap(one, other), overlap(other, one)), (overlaps, overlaps));
    }
}
