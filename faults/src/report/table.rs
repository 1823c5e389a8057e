//! The table of a run: one line a fault, then the judgement.

use std::io::{self, Write};
use std::time::Duration;

use super::{Report, Row};
use crate::checker::Verdict;
use crate::writer::DEADLINES;

pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let [short, long] = DEADLINES.map(|deadline| deadline.as_secs());
    let Report {
        writers,
        writes,
        events,
        rows,
        verdict,
    } = report;
    writeln!(
        out,
        "{writers} writers with deadlines of {short} s and {long} s, {writes} writes, {events} events"
    )?;
    writeln!(
        out,
        "{:<36} {:>8} {:>6} {:>7} {:>8} {:>4} {:>7} {:>4} {:>8} {:>11} {:>8} {:>8}  not successful",
        "fault",
        "attempts",
        "2xx",
        "retried",
        "replayed",
        "lost",
        "doubled",
        "late",
        "slowest",
        "redelivered",
        "recovery",
        "all back"
    )?;
    rows.iter().try_for_each(|row| line(row, out))?;
    judgement(verdict, out)
}

fn line(row: &Row, out: &mut impl Write) -> io::Result<()> {
    let failures: Vec<String> = row
        .failures
        .iter()
        .map(|(what, count)| format!("{count} x {what}"))
        .collect();
    writeln!(
        out,
        "{:<36} {:>8} {:>6} {:>7} {:>8} {:>4} {:>7} {:>4} {:>8} {:>11} {:>8} {:>8}  {}",
        row.fault,
        row.attempts,
        row.succeeded,
        row.retried,
        row.replayed,
        row.lost,
        row.doubled,
        row.late,
        seconds(row.slowest),
        row.redeliveries,
        row.recovery.map_or_else(|| "none".to_owned(), seconds),
        seconds(row.whole),
        failures.join(", ")
    )
}

/// Every count, and examples of what is not zero.
fn judgement(verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
    let refused = verdict
        .refused
        .iter()
        .map(|(key, status)| format!("{key} with {status}"))
        .collect();
    let lists = [
        ("lost", &verdict.lost),
        ("doubled", &verdict.doubled),
        ("unexpected", &verdict.unexpected),
        ("refused", &refused),
        ("never settled", &verdict.unsettled),
        ("wrong events", &verdict.events),
    ];
    let counts = [
        ("late", verdict.late.to_string()),
        ("replays that differ", verdict.differing_replays.to_string()),
        ("messages left in REQUESTS or DEAD", verdict.leftovers.to_string()),
    ];
    let lengths = lists.iter().map(|(what, list)| format!("{what} {}", list.len()));
    let numbers = counts.iter().map(|(what, count)| format!("{what} {count}"));
    writeln!(out, "{}", lengths.chain(numbers).collect::<Vec<_>>().join(", "))?;
    for (what, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        let first: Vec<&str> = list.iter().take(10).map(String::as_str).collect();
        writeln!(out, "{what}: {}", first.join("; "))?;
    }
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
