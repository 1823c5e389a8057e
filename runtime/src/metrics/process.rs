//! What this process uses, from /proc/self.

use std::{fmt, fs, io};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

/// The unit of times in /proc, which Linux keeps at 100 a second for programs whatever the kernel's own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// The metrics `process_*` under the names Prometheus clients agree on, read at each scrape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process;

/// What a process uses now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds of CPU time since the start, user and system.
    pub cpu_seconds: f64,
    /// Bytes of memory that are in RAM.
    pub resident_bytes: u64,
    /// Open file descriptors.
    pub open_fds: u64,
    /// The start in seconds since 1970.
    pub start_seconds: f64,
}

impl Usage {
    /// Reads /proc/self.
    ///
    /// # Errors
    /// When /proc is not there or not as Linux writes it.
    pub fn read() -> io::Result<Self> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        let status = fs::read_to_string("/proc/self/status")?;
        let boot = fs::read_to_string("/proc/stat")?;
        // The directory being read is a descriptor itself.
        let open_fds = fs::read_dir("/proc/self/fd")?.count().saturating_sub(1);
        Self::parse(&stat, &status, &boot, open_fds as u64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "/proc is not as Linux writes it"))
    }

    fn parse(stat: &str, status: &str, boot: &str, open_fds: u64) -> Option<Self> {
        // The program's name, in parentheses, may itself contain spaces and parentheses.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        let resident_kib: u64 = value_of(status, "VmRSS:")?.parse().ok()?;
        let boot_seconds: f64 = value_of(boot, "btime")?.parse().ok()?;
        Some(Self {
            // Fields 14, 15 and 22 of proc(5), counted from 1; the first here is the third.
            cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
            resident_bytes: resident_kib * 1024,
            open_fds,
            start_seconds: boot_seconds + ticks(19)? / TICKS_PER_SECOND,
        })
    }
}

fn value_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text
        .lines()
        .find(|line| line.split_whitespace().next() == Some(name))?;
    line.split_whitespace().nth(1)
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Without /proc there is nothing to say, and nothing wrong with the other metrics.
        let Ok(usage) = Usage::read() else { return Ok(()) };
        let cpu = ConstCounter::new(usage.cpu_seconds);
        let resident = ConstGauge::new(i64::try_from(usage.resident_bytes).unwrap_or(i64::MAX));
        let fds = ConstGauge::new(i64::try_from(usage.open_fds).unwrap_or(i64::MAX));
        let start = ConstGauge::new(usage.start_seconds);
        let metrics: [(&str, &str, Option<Unit>, &dyn EncodeMetric); 4] = [
            (
                "process_cpu",
                "CPU time, user and system",
                Some(Unit::Seconds),
                &cpu,
            ),
            (
                "process_resident_memory",
                "Memory in RAM",
                Some(Unit::Bytes),
                &resident,
            ),
            ("process_open_fds", "Open file descriptors", None, &fds),
            (
                "process_start_time",
                "Start, in seconds since 1970",
                Some(Unit::Seconds),
                &start,
            ),
        ];
        for (name, help, unit, metric) in metrics {
            metric.encode(encoder.encode_descriptor(name, help, unit.as_ref(), metric.metric_type())?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 0 9 0 0 0 150 50 0 0 20 0 1 0 1000 0 0";
        let usage = Usage::parse(stat, "Name:\ta\nVmRSS:\t   2048 kB\n", "cpu 1\nbtime 5000\n", 3).unwrap();
        let expected = Usage {
            cpu_seconds: 2.0,
            resident_bytes: 2_097_152,
            open_fds: 3,
            start_seconds: 5010.0,
        };
        assert_eq!(usage, expected);
    }

    #[test]
    fn something_else_than_proc_is_no_usage() {
        assert_eq!(Usage::parse("", "", "", 0), None);
        assert_eq!(Usage::parse("7 (a) S", "VmRSS: x", "btime y", 0), None);
    }

    #[test]
    fn this_process_is_described_under_the_usual_names() {
        let usage = Usage::read().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let age = now.as_secs_f64() - usage.start_seconds;
        assert!(
            (-2.0..Duration::from_hours(24).as_secs_f64()).contains(&age),
            "{age}"
        );
        assert!(usage.resident_bytes > 1024 * 1024 && usage.open_fds >= 3);
        let text = Metrics::with_process().encode();
        for name in [
            "process_cpu_seconds_total ",
            "process_resident_memory_bytes ",
            "process_open_fds ",
            "process_start_time_seconds ",
        ] {
            assert!(
                text.lines().any(|line| line.starts_with(name)),
                "{name} is not in:\n{text}"
            );
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
