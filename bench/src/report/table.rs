//! The table: one line a system and load, then memory, ratios and growth.

use std::io::{self, Write};

use super::{Report, Row};
use crate::measure::Round;

pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let host = &report.host;
    writeln!(
        out,
        "{} cores of {}, Linux {}, load {}",
        host.cores, host.processor, host.kernel, host.load_average
    )?;
    writeln!(
        out,
        "{}, ratectl {}, {}",
        host.nats_server, host.ratectl, report.command
    )?;
    let plan = &report.plan;
    if !report.rows.is_empty() {
        writeln!(
            out,
            "medians of {} rounds, {:?} each after {:?} of warm-up; generator and all processes share the cores",
            plan.rounds, plan.measure, plan.warm_up
        )?;
    }
    if host.was_busy() {
        writeln!(
            out,
            "the machine was busy with other things before the run: latencies are not to be quoted"
        )?;
    }
    writeln!(out)?;
    if !report.rows.is_empty() {
        loads(report, out)?;
        memory(report, out)?;
        comparisons(report, out)?;
    }
    growths(report, out)?;
    feeds(report, out)
}

fn feeds(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if report.feeds.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<12} {:>7} {:>7} {:>7} {:>10} {:>5} {:>7} {:>12} {:>7} {:>7} {:>7} {:>8}  proxy",
        "live feed",
        "clients",
        "events",
        "a s",
        "delivered",
        "lost",
        "doubled",
        "out of order",
        "resumed",
        "p50 ms",
        "p99 ms",
        "worst ms"
    )?;
    for feed in &report.feeds {
        writeln!(
            out,
            "{:<12} {:>7} {:>7} {:>7} {:>10} {:>5} {:>7} {:>12} {:>7} {:>7.1} {:>7.1} {:>8.1}  {:.2} cores, {:.0} MiB",
            "",
            feed.load.clients,
            feed.events,
            feed.load.per_second,
            feed.delivered,
            feed.lost,
            feed.doubled,
            feed.out_of_order,
            feed.resumed,
            feed.p50_ms,
            feed.p99_ms,
            feed.worst_ms,
            feed.proxy_cores,
            feed.proxy_peak_mib
        )?;
    }
    Ok(())
}

fn loads(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<30} {:>7} {:>9} {:>9} {:>9} {:>9} {:>7}  CPU µs a request",
        "system", "load", "req/s", "p50 µs", "p99 µs", "p99.9 µs", "failed"
    )?;
    for row in &report.rows {
        let median = &row.median;
        let failed: u64 = median.failures.values().sum();
        writeln!(
            out,
            "{:<30} {:>7} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {failed:>7}  {}",
            row.system,
            row.load,
            median.per_second,
            median.p50_us,
            median.p99_us,
            median.p999_us,
            processor(median)
        )?;
        for (reason, count) in &median.failures {
            writeln!(out, "{:<30} {count} failed: {reason}", "")?;
        }
    }
    Ok(())
}

fn processor(round: &Round) -> String {
    let each = round
        .processes
        .iter()
        .map(|spent| format!("{} {:.0}", spent.process, spent.cpu_us_per_request));
    each.collect::<Vec<_>>().join(", ")
}

/// Memory after the heaviest load of each system.
fn memory(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{:<30} {:<24} {:>12} {:>12}",
        "system", "process", "now MiB", "peak MiB"
    )?;
    for row in report
        .rows
        .iter()
        .filter(|row| is_last_of_its_system(report, row))
    {
        for spent in &row.median.processes {
            writeln!(
                out,
                "{:<30} {:<24} {:>12.1} {:>12.1}",
                row.system, spent.process, spent.resident_mib, spent.peak_mib
            )?;
        }
    }
    Ok(())
}

fn is_last_of_its_system(report: &Report, row: &Row) -> bool {
    let last = report.rows.iter().rev().find(|other| other.system == row.system);
    last.is_some_and(|last| last.load == row.load)
}

fn comparisons(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    for comparison in &report.comparisons {
        let verdict = if comparison.reached {
            "reached"
        } else {
            "NOT reached"
        };
        let rounds: Vec<String> = comparison
            .rounds
            .iter()
            .map(|ratio| format!("{ratio:.2}"))
            .collect();
        writeln!(
            out,
            "{}: {:.2} (bar {}, {verdict}; rounds {})",
            comparison.what,
            comparison.ratio,
            comparison.bar,
            rounds.join(" ")
        )?;
    }
    Ok(())
}

fn growths(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for growth in &report.growths {
        let outcomes: Vec<String> = growth
            .outcomes
            .iter()
            .map(|(outcome, count)| format!("{count} {outcome}"))
            .collect();
        writeln!(
            out,
            "proxy's memory over {} {}: {:.1} MiB before, {:.1} MiB after ({})",
            growth.requests,
            growth.what,
            growth.before_mib,
            growth.after_mib,
            outcomes.join(", ")
        )?;
    }
    Ok(())
}
