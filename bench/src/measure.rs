//! One load on one system, with what its processes spent on it; and the medians over several rounds.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Error;
use crate::accounting::{Process, Usage};
use crate::load::{Load, Target};

/// What one round of one load gave.
#[derive(Debug, Clone, Serialize)]
pub struct Round {
    /// Answered requests a second.
    pub per_second: f64,
    /// Half of the requests were faster, microseconds.
    pub p50_us: f64,
    /// 99 % of the requests were faster, microseconds.
    pub p99_us: f64,
    /// 99.9 % of the requests were faster, microseconds.
    pub p999_us: f64,
    /// Requests that failed, by reason.
    pub failures: BTreeMap<String, u64>,
    /// What each process spent.
    pub processes: Vec<Spent>,
}

/// What one process spent during a round.
#[derive(Debug, Clone, Serialize)]
pub struct Spent {
    /// Which process.
    pub process: &'static str,
    /// Processor time for each answered request, microseconds.
    pub cpu_us_per_request: f64,
    /// Processor time, in cores kept busy.
    pub cores: f64,
    /// Memory held at the end of the round, MiB.
    pub resident_mib: f64,
    /// The most memory ever held, MiB.
    pub peak_mib: f64,
}

/// Runs one load against one system.
///
/// # Errors
///
/// When the load cannot be started or a process has ended.
pub fn measure<T: Target>(target: &T, processes: &[Process], load: Load) -> Result<Round, Error> {
    let mut edges = Vec::with_capacity(2);
    let look = || {
        processes
            .iter()
            .map(Process::usage)
            .collect::<Result<Vec<_>, _>>()
    };
    let measured = load.run(target, || edges.push(look()))?;
    let after = edges.pop().transpose()?.unwrap_or_default();
    let before = edges.pop().transpose()?.unwrap_or_default();
    let (seconds, answered) = (
        measured.elapsed.as_secs_f64(),
        count(measured.recorder.answered()),
    );
    let pairs = before.iter().zip(&after);
    let spent = processes
        .iter()
        .zip(pairs)
        .map(|(process, (before, after))| Spent::between(process.name, before, after, seconds, answered));
    let latency = measured.recorder.latency();
    Ok(Round {
        per_second: answered / seconds,
        p50_us: latency.p50_us,
        p99_us: latency.p99_us,
        p999_us: latency.p999_us,
        failures: measured.recorder.failures().clone(),
        processes: spent.collect(),
    })
}

impl Spent {
    fn between(process: &'static str, before: &Usage, after: &Usage, seconds: f64, answered: f64) -> Self {
        let processor = after.processor.saturating_sub(before.processor).as_secs_f64();
        Self {
            process,
            cpu_us_per_request: if answered > 0.0 {
                processor * 1e6 / answered
            } else {
                0.0
            },
            cores: processor / seconds,
            resident_mib: mebibytes(after.resident),
            peak_mib: mebibytes(after.peak),
        }
    }
}

/// The round whose every figure is the median of that figure over `rounds`; failures are added up.
///
/// # Panics
///
/// When there is no round.
pub fn medians(rounds: &[Round]) -> Round {
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let mut failures = BTreeMap::new();
    for (reason, count) in rounds.iter().flat_map(|round| &round.failures) {
        *failures.entry(reason.clone()).or_default() += count;
    }
    let processes = (0..rounds[0].processes.len()).map(|index| {
        let of =
            |figure: fn(&Spent) -> f64| median(rounds.iter().map(|round| figure(&round.processes[index])));
        Spent {
            process: rounds[0].processes[index].process,
            cpu_us_per_request: of(|spent| spent.cpu_us_per_request),
            cores: of(|spent| spent.cores),
            resident_mib: of(|spent| spent.resident_mib),
            peak_mib: of(|spent| spent.peak_mib),
        }
    });
    Round {
        per_second: of(|round| round.per_second),
        p50_us: of(|round| round.p50_us),
        p99_us: of(|round| round.p99_us),
        p999_us: of(|round| round.p999_us),
        failures,
        processes: processes.collect(),
    }
}

/// The middle value; the mean of the two middle ones of an even count; 0 of none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        length if length % 2 == 1 => values[length / 2],
        length => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}

/// Bytes as MiB.
pub fn mebibytes(bytes: u64) -> f64 {
    count(bytes) / f64::from(1 << 20)
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^52")]
fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_ignores_the_outlier() {
        assert!((median([3.0, 1.0, 1000.0].into_iter()) - 3.0).abs() < f64::EPSILON);
        assert!((median([4.0, 2.0].into_iter()) - 3.0).abs() < f64::EPSILON);
        assert!(median(std::iter::empty()).abs() < f64::EPSILON);
    }

    #[test]
    fn medians_are_taken_figure_by_figure_and_failures_added() {
        let round = |per_second, p50_us| Round {
            per_second,
            p50_us,
            p99_us: 0.0,
            p999_us: 0.0,
            failures: BTreeMap::from([("status 503".to_owned(), 2)]),
            processes: Vec::new(),
        };
        let all = medians(&[round(1.0, 30.0), round(2.0, 10.0), round(3.0, 20.0)]);
        assert!((all.per_second - 2.0).abs() < f64::EPSILON && (all.p50_us - 20.0).abs() < f64::EPSILON);
        assert_eq!(all.failures["status 503"], 6);
    }
}
