//! The figures as text: every round, then minimum, median and maximum. No verdict: a busy machine fails nobody.

use std::fmt::Write as _;
use std::time::Duration;

use crate::poll::Moments;

/// One round of both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Plain docker.
    pub(crate) bare: Moments,
    /// `ratectl create-cluster`, seen by the same poller.
    pub(crate) ours: Moments,
    /// When `create-cluster` returned; until then its user waits, even if everything is there.
    pub(crate) returned: Duration,
    /// The same `create-cluster` again.
    pub(crate) again: Duration,
    /// `stop-cluster`.
    pub(crate) stop: Duration,
    /// `start-cluster`.
    pub(crate) start: Duration,
    /// `delete-cluster`.
    pub(crate) delete: Duration,
    /// Load average of the last minute when the round began.
    pub(crate) load: f64,
}

/// A column: its heading and what stands in it.
type Column = (&'static str, fn(&Round) -> Duration);

const COLUMNS: [Column; 10] = [
    ("bare", |round| round.bare.usable()),
    ("ratectl", Round::ours_usable),
    ("returned", |round| round.returned),
    ("bare api", |round| round.bare.api),
    ("our api", |round| round.ours.api),
    ("again", |round| round.again),
    ("stop", |round| round.stop),
    ("start", |round| round.start),
    ("delete", |round| round.delete),
    ("our pod", |round| round.ours.pod),
];

impl Round {
    /// Usable by the poller and back at the prompt.
    fn ours_usable(&self) -> Duration {
        self.ours.usable().max(self.returned)
    }

    fn ratio(&self) -> f64 {
        self.ours_usable().as_secs_f64() / self.bare.usable().as_secs_f64()
    }
}

/// The columns' names.
pub(crate) fn heading() -> String {
    let mut line = format!("{:8}", "");
    for (heading, _) in COLUMNS {
        write(&mut line, format_args!("{heading:>10}"));
    }
    write(&mut line, format_args!("{:>10}{:>8}", "ratio", "load"));
    line
}

/// One round.
pub(crate) fn line(number: u32, round: &Round) -> String {
    let mut line = format!("round {number:<2}");
    for (_, value) in COLUMNS {
        write(&mut line, format_args!("{:>10.3}", value(round).as_secs_f64()));
    }
    write(
        &mut line,
        format_args!("{:>10.3}{:>8.2}", round.ratio(), round.load),
    );
    line
}

/// Minimum, median and maximum of each column.
pub(crate) fn summary(rounds: &[Round]) -> String {
    let lines = [("min", 0.0), ("median", 0.5), ("max", 1.0)].map(|(name, pick)| {
        let mut line = format!("{name:8}");
        for (_, value) in COLUMNS {
            let seconds = quantile(rounds.iter().map(|round| value(round).as_secs_f64()), pick);
            write(&mut line, format_args!("{seconds:>10.3}"));
        }
        let ratio = quantile(rounds.iter().map(Round::ratio), pick);
        write(&mut line, format_args!("{ratio:>10.3}"));
        line
    });
    lines.join("\n")
}

/// What the medians say in a sentence.
pub(crate) fn sentence(rounds: &[Round]) -> String {
    let median = |value: fn(&Round) -> Duration| quantile(rounds.iter().map(|r| value(r).as_secs_f64()), 0.5);
    let (bare, ours) = (median(|round| round.bare.usable()), median(Round::ours_usable));
    format!(
        "create -> usable, medians: bare {bare:.3} s, ratectl {ours:.3} s: {:+.3} s, {:+.1} %",
        ours - bare,
        (ours / bare - 1.0) * 100.0
    )
}

fn write(table: &mut String, words: std::fmt::Arguments<'_>) {
    table.write_fmt(words).expect("a String takes everything");
}

/// The middle, or an end, of what was measured; of an even number the upper middle.
fn quantile(values: impl Iterator<Item = f64>, at: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a handful of rounds"
    )]
    let index = (at * values.len().saturating_sub(1) as f64).round() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(bare: u64, ours: u64, returned: u64) -> Round {
        let moments = |pod: u64| Moments {
            api: Duration::from_secs(3),
            node: Duration::from_secs(4),
            dns: Duration::from_secs(5),
            pod: Duration::from_secs(pod),
        };
        let second = Duration::from_secs(1);
        Round {
            bare: moments(bare),
            ours: moments(ours),
            returned: Duration::from_secs(returned),
            again: second,
            stop: second,
            start: second,
            delete: second,
            load: 0.5,
        }
    }

    #[test]
    fn ours_is_usable_when_the_prompt_is_back_too() {
        assert_eq!(round(6, 7, 9).ours_usable(), Duration::from_secs(9));
        assert_eq!(round(6, 7, 2).ours_usable(), Duration::from_secs(7));
    }

    #[test]
    fn the_sentence_compares_medians() {
        let rounds = [round(10, 11, 1), round(20, 30, 1), round(6, 6, 1)];
        let said = sentence(&rounds);
        assert_eq!(
            said,
            "create -> usable, medians: bare 10.000 s, ratectl 11.000 s: +1.000 s, +10.0 %"
        );
        assert_eq!(summary(&rounds).lines().count(), 3);
    }
}
