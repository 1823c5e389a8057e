//! The table that is printed.

use std::io::Write as _;
use std::time::Duration;

use bench::host::Host;

use crate::error::Error;
use crate::screen::SIZE;

/// One figure, and what was aimed at.
pub(crate) struct Figure {
    /// What it is.
    pub(crate) what: &'static str,
    /// The figure, with its unit.
    pub(crate) is: String,
    /// What it should be; none: nothing was aimed at.
    pub(crate) aim: Option<String>,
}

/// A figure with an aim.
pub(crate) fn aimed(what: &'static str, is: String, aim: impl Into<String>) -> Figure {
    Figure {
        what,
        is,
        aim: Some(aim.into()),
    }
}

/// A figure that is only told.
pub(crate) fn told(what: &'static str, is: String) -> Figure {
    Figure { what, is, aim: None }
}

/// Machine, programs and what the columns are.
pub(crate) fn heading(host: &Host, seconds: u64) -> String {
    let (columns, rows) = SIZE;
    let busy = if host.was_busy() {
        "\nthe machine was busy with other things before the run: times are not to be quoted"
    } else {
        ""
    };
    format!(
        "{} cores of {}, Linux {}, load {:.2}\n{}, ratectl {}, a terminal of {columns} x {rows}, {seconds} s a case\n\
         pods: an API server of the benchmark stands in for a cluster; lists, metrics, and watches in which nothing happens{busy}\n",
        host.cores, host.processor, host.kernel, host.load_average, host.nats_server, host.ratectl
    )
}

/// The figures of one case, and the machine's load after it.
pub(crate) fn case(name: &str, figures: &[Figure]) -> String {
    let line = |figure: &Figure| {
        let aim = figure.aim.as_deref().unwrap_or("-");
        format!("  {:<44}{:>16}  {aim:>12}\n", figure.what, figure.is)
    };
    let lines: String = figures.iter().map(line).collect();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "{:<46}{:>16}  {:>12}\n{lines}  (load {load})",
        name, "measured", "aim"
    )
}

/// So many milliseconds.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The value at `percent` of sorted ones.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    rank.checked_sub(1)
        .and_then(|index| sorted.get(index))
        .copied()
        .unwrap_or_default()
}

/// Writes to standard output.
pub(crate) fn say(words: &str) -> Result<(), Error> {
    writeln!(std::io::stdout(), "{words}").map_err(Error::io("write the table"))
}
