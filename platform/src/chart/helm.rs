//! The program `helm`, kept from everything it could know: no kubeconfig, no repositories, no plugins, no cluster.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::Error;
use crate::executable;
use crate::plain_line::plain_line;
use crate::project::deployment::Chart;

/// Variables that it may see.
const PASSED_ON: [&str; 4] = ["HOME", "LANG", "PATH", "TMPDIR"];
/// Characters of what it says that are repeated.
const LONGEST_SAID: usize = 1000;

/// Where `helm` is looked for.
#[derive(Clone, Debug, Default)]
pub struct Helm {
    /// Folders, first to last.
    pub folders: Vec<PathBuf>,
}

impl Helm {
    /// `PATH`, then `.tools/bin` of `inside` or of the nearest folder above it that has one.
    pub fn standard(inside: Option<&Path>) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let tools = inside.into_iter().flat_map(Path::ancestors);
        let tools = tools
            .map(|folder| folder.join(".tools/bin"))
            .find(|folder| folder.is_dir());
        Self {
            folders: executable::folders(&path).chain(tools).collect(),
        }
    }

    fn program(&self) -> Result<PathBuf, Error> {
        executable::find("helm", self.folders.iter().cloned()).ok_or(Error::NoHelm)
    }

    /// What `helm template` writes for a chart that lies at `place`.
    pub(super) async fn template(
        &self,
        chart: &Chart,
        place: &Path,
        namespace: &str,
    ) -> Result<String, Error> {
        let program = self.program()?;
        let mut command = Command::new(&program);
        command
            .env_clear()
            .envs(
                PASSED_ON
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            // It would read the machine's kubeconfig and its own settings otherwise.
            .env("KUBECONFIG", "/dev/null")
            .env("HELM_PLUGINS", "/dev/null")
            .env("HELM_REPOSITORY_CONFIG", "/dev/null")
            .env("HELM_REGISTRY_CONFIG", "/dev/null")
            .arg("template")
            .arg(&chart.name)
            .arg(place)
            .args(["--namespace", namespace, "--include-crds", "--skip-tests"])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if let Some(version) = &chart.version {
            command.args(["--version", version]);
        }
        for file in &chart.values {
            command.arg("--values").arg(file);
        }
        let run = command.output().await;
        let output = run.map_err(|source| Error::Run { program, source })?;
        if !output.status.success() {
            return Err(Error::Refused {
                status: output.status.to_string(),
                said: said(&output.stderr),
            });
        }
        String::from_utf8(output.stdout).map_err(|_garbled| Error::Garbled)
    }
}

/// What it complains about, in one line.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(str::trim);
    let lines: Vec<String> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug"))
        .map(plain_line)
        .collect();
    let line = lines.join(" ");
    let line = line.trim_start_matches("Error: ");
    line.chars().take(LONGEST_SAID).collect()
}

#[cfg(test)]
mod tests;
