//! A nats-server's version.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::process::Command;

use super::Error;

/// It prints a line and ends; only a machine in trouble needs longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// `major.minor.patch`; what comes after (`-beta.1`) is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Changes that break.
    pub major: u32,
    /// Changes that add.
    pub minor: u32,
    /// Changes that repair.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Runs `path --version`.
pub(super) async fn ask(path: &Path) -> Result<Version, Error> {
    let cannot_run = |source| Error::Run {
        path: path.to_owned(),
        source,
    };
    let output = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(ANSWER_WITHIN, output)
        .await
        .map_err(|_| cannot_run(io::Error::from(io::ErrorKind::TimedOut)))?
        .map_err(cannot_run)?;
    let answer = String::from_utf8_lossy(&output.stdout);
    parse(&answer).ok_or_else(|| {
        let answer = answer
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect();
        Error::NotNats {
            path: path.to_owned(),
            answer,
        }
    })
}

/// From `nats-server: v2.15.2`.
fn parse(answer: &str) -> Option<Version> {
    let version = answer.lines().next()?.trim().strip_prefix("nats-server: v")?;
    let release = version.split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    let version = Version {
        major: next()?,
        minor: next()?,
        patch: next()?,
    };
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("nats-server: v2.15.2\n" => Some((2, 15, 2)))]
    #[test_case("nats-server: v2.12.0-RC.3" => Some((2, 12, 0)); "release candidate")]
    #[test_case("nats-server: v2.12" => None; "too short")]
    #[test_case("nats-server: v2.12.0.1" => None; "too long")]
    #[test_case("nats-server: dev" => None; "no number")]
    #[test_case("gnatsd 1.4.1" => None; "something else")]
    #[test_case("" => None; "nothing")]
    fn a_version_is_read_from_the_answer(answer: &str) -> Option<(u32, u32, u32)> {
        parse(answer).map(|version| (version.major, version.minor, version.patch))
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let version = |text: &str| parse(&format!("nats-server: v{text}")).unwrap();
        assert!(version("2.9.10") < version("2.11.0"));
        assert_eq!(version("2.15.2").to_string(), "2.15.2");
    }
}
