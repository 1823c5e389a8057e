//! Commands inside a running container.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use futures_util::StreamExt as _;

use super::{Engine, Error};

/// Bytes of each output that are kept; the rest is read and dropped.
const LARGEST: usize = 256 * 1024;
/// How often it is looked whether the engine has noticed the end.
const GLANCE: Duration = Duration::from_millis(10);

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; 126 or 127 when it could not be run.
    pub code: i64,
    /// What it wrote, as it wrote it: not made safe for a terminal.
    pub stdout: String,
    /// What it complained about, as it wrote it.
    pub stderr: String,
}

/// Runs a command in a container and waits for its end.
///
/// # Errors
/// When it cannot be started, or has not ended within `limit` (it may then run on).
pub async fn run(
    engine: &Engine,
    container: &str,
    command: &[&str],
    limit: Duration,
) -> Result<Output, Error> {
    let operation = format!("run `{}` in container {container}", command.join(" "));
    match tokio::time::timeout(limit, execute(engine, container, command)).await {
        Ok(result) => result.map_err(|error| Error::of(operation, error)),
        Err(_) => Err(Error::Silent { operation, limit }),
    }
}

async fn execute(
    engine: &Engine,
    container: &str,
    command: &[&str],
) -> Result<Output, bollard::errors::Error> {
    let api = engine.api();
    let options = CreateExecOptions {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let exec = api.create_exec(container, options).await?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let StartExecResults::Attached { mut output, .. } = api.start_exec(&exec.id, None).await? {
        while let Some(piece) = output.next().await {
            let piece = piece?;
            let kept = if matches!(piece, LogOutput::StdErr { .. }) {
                &mut stderr
            } else {
                &mut stdout
            };
            let room = LARGEST.saturating_sub(kept.len()).min(piece.as_ref().len());
            kept.extend_from_slice(&piece.as_ref()[..room]);
        }
    }
    // The output can end before the engine knows the exit code.
    loop {
        let state = api.inspect_exec(&exec.id).await?;
        match (state.running, state.exit_code) {
            (Some(false), Some(code)) => {
                let [stdout, stderr] =
                    [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
                return Ok(Output { code, stdout, stderr });
            }
            _ => tokio::time::sleep(GLANCE).await,
        }
    }
}
