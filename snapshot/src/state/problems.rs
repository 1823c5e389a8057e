//! What is wrong, the worst first.

use crate::judge::{Severity, State};
use crate::report::{Problem, ProblemKind, Report, WorkerState};
use crate::sample::{Source, SourceState};

/// So many stale streams and consumers are told one by one.
const STALE: usize = 5;

/// Problems of a report.
const MOST: usize = 500;

pub(super) fn of(report: &Report) -> Vec<Problem> {
    let all = sources(report)
        .chain(streams(report))
        .chain(consumers(report))
        .chain(ephemerals(report))
        .chain(routes(report))
        .chain(workers(report))
        .chain(pods(report));
    let mut problems: Vec<Problem> = all
        .filter(|problem| problem.severity >= Severity::Unknown)
        .collect();
    fold_stale(&mut problems);
    problems.sort_by(|one, other| {
        (other.severity, one.kind, &one.object, &one.state).cmp(&(
            one.severity,
            other.kind,
            &other.object,
            &other.state,
        ))
    });
    problems.truncate(MOST);
    problems
}

/// What is stale is so for one reason: beyond a few, it is one problem.
fn fold_stale(problems: &mut Vec<Problem>) {
    let is_stale = |problem: &Problem| problem.state == State::Stale.name();
    let stale = problems.iter().filter(|problem| is_stale(problem)).count();
    if stale <= STALE {
        return;
    }
    let since_ms = problems
        .iter()
        .filter(|problem| is_stale(problem))
        .filter_map(|problem| problem.since_ms)
        .max();
    problems.retain(|problem| !is_stale(problem));
    problems.push(Problem {
        severity: Severity::Unknown,
        kind: ProblemKind::Source,
        object: super::sources::name(Source::Jetstream),
        state: State::Stale.name().to_owned(),
        reason: format!("no fresh numbers of {stale} streams and consumers"),
        command: None,
        since_ms,
    });
}

fn sources(report: &Report) -> impl Iterator<Item = Problem> {
    let down = report.sources.iter().filter(|row| row.state == SourceState::Down);
    down.map(|row| Problem {
        severity: Severity::Unknown,
        kind: ProblemKind::Source,
        object: super::sources::name(row.source),
        state: "DOWN".to_owned(),
        reason: row
            .reason
            .clone()
            .unwrap_or_else(|| "it does not answer".to_owned()),
        command: None,
        since_ms: None,
    })
}

fn streams(report: &Report) -> impl Iterator<Item = Problem> {
    report.streams.iter().map(|row| Problem {
        severity: row.severity,
        kind: ProblemKind::Stream,
        object: row.stream.clone(),
        state: row.state.name().to_owned(),
        reason: row.reason.clone(),
        command: row.command.clone(),
        since_ms: Some(row.since_ms),
    })
}

fn consumers(report: &Report) -> impl Iterator<Item = Problem> {
    report
        .consumers
        .iter()
        .filter(|row| !row.ephemeral)
        .map(|row| Problem {
            severity: row.severity,
            kind: ProblemKind::Consumer,
            object: format!("{}/{}", row.stream, row.consumer),
            state: row.state.name().to_owned(),
            reason: row.reason.clone(),
            command: row.command.clone(),
            since_ms: Some(row.since_ms),
        })
}

/// One for each stream: the worst of them speaks for all.
fn ephemerals(report: &Report) -> impl Iterator<Item = Problem> {
    report.ephemerals.iter().filter_map(|fold| {
        let same = |row: &&crate::report::ConsumerRow| {
            row.ephemeral
                && row.account == fold.account
                && row.stream == fold.stream
                && row.severity == fold.severity
        };
        let worst = report
            .consumers
            .iter()
            .filter(same)
            .max_by_key(|row| row.state == State::Offline)?;
        Some(Problem {
            severity: fold.severity,
            kind: ProblemKind::Ephemerals,
            object: format!("{} ({} ephemeral)", fold.stream, fold.count),
            state: worst.state.name().to_owned(),
            reason: format!("{}: {}", worst.consumer, worst.reason),
            command: worst.command.clone(),
            since_ms: Some(worst.since_ms),
        })
    })
}

fn routes(report: &Report) -> impl Iterator<Item = Problem> {
    report.routes.iter().map(|row| {
        let mut kinds: Vec<(&String, &f64)> =
            row.errors_per_s.iter().filter(|(_, rate)| **rate > 0.0).collect();
        kinds.sort_by(|one, other| other.1.total_cmp(one.1));
        let kinds: Vec<&str> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
        Problem {
            severity: row.severity,
            kind: ProblemKind::Route,
            object: format!("{} {}", row.service, row.route),
            state: "ERRORS".to_owned(),
            reason: format!(
                "{:.0} % of requests fail: {}",
                row.error_share.unwrap_or(0.0) * 100.0,
                kinds.join(", ")
            ),
            command: None,
            since_ms: None,
        }
    })
}

fn workers(report: &Report) -> impl Iterator<Item = Problem> {
    let gone = report.workers.iter().filter(|row| row.state == WorkerState::Gone);
    gone.map(|row| Problem {
        severity: row.severity,
        kind: ProblemKind::Worker,
        object: format!("{}/{}", row.service, row.id),
        state: "GONE".to_owned(),
        reason: "it does not answer any more".to_owned(),
        command: None,
        since_ms: Some(row.age_ms),
    })
}

fn pods(report: &Report) -> impl Iterator<Item = Problem> {
    report.pods.iter().map(|row| Problem {
        severity: row.severity,
        kind: ProblemKind::Pod,
        object: format!("{}/{}", row.namespace, row.pod),
        state: row.status.clone(),
        reason: row.reason.clone().unwrap_or_default(),
        command: row.command.clone(),
        since_ms: None,
    })
}
