//! One run of k6.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::{Error, K6, Scenario, Summary};
use crate::plain_line::plain_line;

/// Lines that are remembered for the message when it fails.
const REMEMBERED: usize = 12;
/// The numbers of each time that are wanted.
const STATISTICS: &str = "avg,min,med,max,p(90),p(95),p(99)";
/// k6's exit codes (`errext/exitcodes`): thresholds crossed, ended from outside.
const CROSSED: i32 = 99;
const ENDED: i32 = 105;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The program.
    pub k6: K6,
    /// The script.
    pub scenario: Scenario,
    /// Where the load goes; the script finds it as `__ENV.BASE_URL`.
    pub url: String,
    /// Virtual users, instead of those of the script.
    pub vus: Option<u32>,
    /// How long, as k6 reads it, such as `30s`; instead of the script's.
    pub duration: Option<String>,
    /// More for `__ENV`.
    pub environment: Vec<(String, String)>,
    /// Where it runs.
    pub directory: PathBuf,
}

/// A line that k6 wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub String);

impl Run {
    /// Runs it to its end. `progress` gets what k6 shows while it runs, `tell` what it logs. `cancel` ends it as Ctrl-C would: what it has found
    /// by then is returned.
    ///
    /// # Errors
    /// When k6 cannot run the script.
    pub async fn run(
        &self,
        progress: Stdio,
        mut tell: impl FnMut(Line),
        cancel: &CancellationToken,
    ) -> Result<Summary, Error> {
        let folder = Folder::new().map_err(|source| Error::Summary { source })?;
        let file = folder.0.join("summary.json");
        let mut child = self.start(&file, progress)?;
        let mut last = VecDeque::new();
        let lines = child.stderr.take();
        let ended = {
            let logging = log(lines, &mut last, &mut tell);
            let ending = end(&mut child, cancel);
            let (ended, ()) = tokio::join!(ending, logging);
            ended
        };
        let ended = ended.map_err(|source| self.unstartable(source))?;
        let interrupted = ended.code() == Some(ENDED) || cancel.is_cancelled();
        if !(ended.success() || ended.code() == Some(CROSSED) || interrupted) {
            return Err(Error::Failed {
                scenario: self.scenario.name.clone(),
                reason: reason(ended),
                lines: last.into(),
            });
        }
        let unreadable = |source| Error::Summary { source };
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        let summary = Summary::read(&self.scenario.name, &self.url, &text);
        let mut summary = summary.map_err(|error| unreadable(error.into()))?;
        summary.passed &= ended.code() != Some(CROSSED);
        summary.interrupted = interrupted;
        Ok(summary)
    }

    fn start(&self, summary: &std::path::Path, progress: Stdio) -> Result<Child, Error> {
        let mut command = Command::new(self.k6.program());
        // Its own server would want a fixed port.
        command.args([
            "run",
            "--no-usage-report",
            "--no-color",
            "--address",
            "localhost:0",
        ]);
        command
            .args(["--summary-trend-stats", STATISTICS])
            .arg("--summary-export")
            .arg(summary);
        // A flag of k6 puts aside all that a script says about its load, so one that has variables for it gets those.
        let script = std::fs::read_to_string(&self.scenario.file).unwrap_or_default();
        let mut set = |flag: &str, variable: &str, value: &str| {
            if script.contains(&format!("__ENV.{variable}")) {
                command.arg("--env").arg(format!("{variable}={value}"));
            } else {
                command.args([flag, value]);
            }
        };
        if let Some(vus) = self.vus {
            set("--vus", "VUS", &vus.to_string());
        }
        if let Some(duration) = &self.duration {
            set("--duration", "DURATION", duration);
        }
        for (name, value) in &self.environment {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.arg("--env").arg(format!("BASE_URL={}", self.url));
        command.arg(&self.scenario.file).current_dir(&self.directory);
        command
            .stdin(Stdio::null())
            .stdout(progress)
            .stderr(Stdio::piped());
        // Ctrl-C reaches it through us, once: a second one would keep it from telling what it found.
        command.process_group(0).kill_on_drop(true);
        command.spawn().map_err(|source| self.unstartable(source))
    }

    fn unstartable(&self, source: io::Error) -> Error {
        Error::Start {
            program: self.k6.program().to_owned(),
            source,
        }
    }
}

/// Waits for the end; asks for it when told to.
async fn end(child: &mut Child, cancel: &CancellationToken) -> io::Result<ExitStatus> {
    tokio::select! {
        ended = child.wait() => return ended,
        () = cancel.cancelled() => {}
    }
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        kill_process(pid, Signal::INT)?;
    }
    child.wait().await
}

async fn log(
    lines: Option<impl AsyncRead + Unpin>,
    last: &mut VecDeque<String>,
    tell: &mut impl FnMut(Line),
) {
    let Some(lines) = lines else { return };
    let mut lines = BufReader::new(lines).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = plain_line(&String::from_utf8_lossy(&line));
        if last.len() == REMEMBERED {
            last.pop_front();
        }
        last.push_back(line.clone());
        tell(Line(line));
    }
}

/// What an exit status means (k6, `errext/exitcodes`).
fn reason(status: ExitStatus) -> String {
    match status.code() {
        Some(97) => "it could not stop the run".to_owned(),
        Some(100) => "setup() took too long".to_owned(),
        Some(101) => "teardown() took too long".to_owned(),
        Some(103) => "the engine of k6 failed".to_owned(),
        Some(104) => "its options are not valid".to_owned(),
        Some(107) => "the script threw an exception".to_owned(),
        Some(108) => "the script aborted the run".to_owned(),
        _ => status.to_string(),
    }
}

/// A folder of its own for the summary, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let unique = format!(
            "ratectl-load-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        );
        let name: String = unique
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // At worst a small file stays in the folder for such.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests;
