//! What a guard says on its socket.

use std::fmt;
use std::str::FromStr;

/// One line of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The command runs; its process id, which is also its process group's.
    Pid(i32),
    /// The command ended with this status.
    Exit(i32),
    /// The command was ended by this signal.
    Signal(i32),
}

/// A line that is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a guard's report")]
pub struct ReportError(String);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "pid {pid}"),
            Self::Exit(status) => write!(f, "exit {status}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

impl FromStr for Report {
    type Err = ReportError;

    fn from_str(line: &str) -> Result<Self, ReportError> {
        let report = |line: &str| {
            let (word, number) = line.split_once(' ')?;
            let number = number.parse().ok()?;
            match word {
                "pid" => Some(Self::Pid(number)),
                "exit" => Some(Self::Exit(number)),
                "signal" => Some(Self::Signal(number)),
                _ => None,
            }
        };
        report(line).ok_or_else(|| ReportError(line.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Report::Pid(4711))]
    #[test_case(Report::Exit(0))]
    #[test_case(Report::Signal(9))]
    fn a_report_reads_as_it_is_written(report: Report) {
        assert_eq!(report.to_string().parse(), Ok(report));
    }

    #[test_case("")]
    #[test_case("pid")]
    #[test_case("pid x")]
    #[test_case("status 1")]
    fn anything_else_is_no_report(line: &str) {
        assert_eq!(line.parse::<Report>(), Err(ReportError(line.to_owned())));
    }
}
