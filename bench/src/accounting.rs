//! Processor time and memory of a process, from `/proc` (proc(5)).

use std::path::PathBuf;
use std::time::Duration;

use crate::Error;

/// A process that takes part in a measurement.
#[derive(Debug, Clone)]
pub struct Process {
    /// What the table calls it.
    pub name: &'static str,
    /// Its id.
    pub pid: u32,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Processor time of all its threads, in user and kernel mode; the kernel counts in steps of 10 ms.
    pub processor: Duration,
    /// Memory it holds now, in bytes.
    pub resident: u64,
    /// The most memory it has ever held, in bytes.
    pub peak: u64,
}

impl Process {
    /// The process of the benchmark itself.
    pub fn own(name: &'static str) -> Self {
        Self {
            name,
            pid: std::process::id(),
        }
    }

    /// What it has used so far.
    ///
    /// # Errors
    ///
    /// When the process has ended.
    pub fn usage(&self) -> Result<Usage, Error> {
        let stat = self.read("stat")?;
        let status = self.read("status")?;
        let odd = |file| Error::Process {
            path: self.path(file),
            source: std::io::Error::from(std::io::ErrorKind::InvalidData),
        };
        let ticks = ticks(&stat).ok_or_else(|| odd("stat"))?;
        let kibibytes = |key| kibibytes(&status, key).ok_or_else(|| odd("status"));
        Ok(Usage {
            processor: Duration::from_secs(1) * ticks / clock(),
            resident: kibibytes("VmRSS:")? * 1024,
            peak: kibibytes("VmHWM:")? * 1024,
        })
    }

    fn read(&self, file: &str) -> Result<String, Error> {
        let path = self.path(file);
        std::fs::read_to_string(&path).map_err(|source| Error::Process { path, source })
    }

    fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.pid))
    }
}

fn clock() -> u32 {
    u32::try_from(rustix::param::clock_ticks_per_second())
        .unwrap_or(100)
        .max(1)
}

/// Fields 14 and 15, counted after the program's name, which may itself hold spaces and parentheses.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11).map(str::parse::<u32>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

fn kibibytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(key))?;
    line[key.len()..].trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194304 100 0 0 0 120 34 0 0 20 0 1 0 100 1000 50";
        assert_eq!(ticks(stat), Some(154));
    }

    #[test]
    fn memory_is_read_in_kibibytes() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t     512 kB\n";
        assert_eq!(
            (kibibytes(status, "VmRSS:"), kibibytes(status, "VmHWM:")),
            (Some(512), Some(2048))
        );
    }

    #[test]
    fn our_own_usage_grows_with_work() {
        let own = Process::own("test");
        let before = own.usage().unwrap();
        let begin = std::time::Instant::now();
        let mut sum = 0_u64;
        while begin.elapsed() < Duration::from_millis(100) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let after = own.usage().unwrap();
        assert!(after.processor > before.processor, "{before:?} {after:?}");
        assert!(after.peak >= after.resident.min(before.resident) && before.resident > 0);
    }
}
