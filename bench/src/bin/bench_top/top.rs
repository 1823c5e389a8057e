//! The program that is measured.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use bench::accounting::{Process, Usage};
use tempfile::TempDir;

use crate::api_server::ApiServer;
use crate::error::Error;
use crate::screen::{Screen, end};
use crate::system::System;

/// A running `ratectl top`; ended when this is dropped.
pub(crate) struct Top {
    child: Child,
    /// Its terminal.
    pub(crate) screen: Screen,
    /// When it was started.
    pub(crate) started: Instant,
    _folder: TempDir,
}

impl Top {
    /// Starts it with a screen of its own. `cluster`: its pods are looked at too.
    pub(crate) fn start(
        ratectl: &Path,
        system: &System,
        cluster: Option<&ApiServer>,
        first: &str,
    ) -> Result<Self, Error> {
        let folder = folder(cluster)?;
        let (screen, slave) = Screen::open()?;
        // A session of its own, whose terminal this is, as a shell's in a window.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(ratectl);
        command.args(arguments(system, cluster)).args(["--screen", first]);
        let (input, output, errors) = (end(&slave)?, end(&slave)?, end(&slave)?);
        command.stdin(input).stdout(output).stderr(errors);
        environment(&mut command, folder.path());
        let started = Instant::now();
        let child = command.spawn().map_err(Error::io("start ratectl top"))?;
        Ok(Self {
            child,
            screen,
            started,
            _folder: folder,
        })
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> Result<Usage, Error> {
        let process = Process {
            name: "ratectl top",
            pid: self.pid(),
        };
        Ok(process.usage()?)
    }

    /// The program itself, whether or not there is a process between it and this one.
    fn pid(&self) -> u32 {
        let own = self.child.id();
        let children =
            std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        let child = children.split_whitespace().next();
        child.and_then(|child| child.parse().ok()).unwrap_or(own)
    }
}

impl Drop for Top {
    fn drop(&mut self) {
        drop(self.screen.type_keys("q"));
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            // It has to be read, or its last words keep it waiting.
            drop(self.screen.watch(Duration::from_millis(20)));
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How long `--once -o json` takes, from its start to its end.
pub(crate) fn once(ratectl: &Path, system: &System, cluster: Option<&ApiServer>) -> Result<Duration, Error> {
    let folder = folder(cluster)?;
    let mut command = Command::new(ratectl);
    command.args(["-o", "json"]).args(arguments(system, cluster));
    command.arg("--once");
    environment(&mut command, folder.path());
    let started = Instant::now();
    let output = command.output().map_err(Error::io("start ratectl top"))?;
    let took = started.elapsed();
    let expected = format!("\"{}\"", System::consumer(0));
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && said.contains(&expected) {
        return Ok(took);
    }
    Err(Error::Ended {
        status: output.status.to_string(),
        said: format!("{said}\n{}", String::from_utf8_lossy(&output.stderr)),
    })
}

fn arguments(system: &System, cluster: Option<&ApiServer>) -> Vec<String> {
    let mut arguments = vec!["top".to_owned(), "--nats".to_owned(), system.url()];
    if cluster.is_some() {
        arguments.extend(["--profile", "far", "--kubeconfig", "config"].map(str::to_owned));
    }
    arguments
}

fn environment(command: &mut Command, folder: &Path) {
    command.env_clear().current_dir(folder).env("HOME", folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
}

/// A project, with a profile of the cluster.
fn folder(cluster: Option<&ApiServer>) -> Result<TempDir, Error> {
    let cannot = || Error::io("write a project");
    let folder = tempfile::tempdir().map_err(cannot())?;
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).map_err(cannot());
    if let Some(url) = cluster.map(ApiServer::url) {
        let project = format!("name: bench\nprofiles:\n  far: {{context: far, server: '{url}'}}\n");
        write("ratectl.yaml", project)?;
        let kubeconfig = format!(
            "current-context: far\ncontexts: [{{name: far, context: {{cluster: far, user: far}}}}]\n\
             clusters: [{{name: far, cluster: {{server: '{url}'}}}}]\nusers: [{{name: far, user: {{token: none}}}}]\n"
        );
        write("config", kubeconfig)?;
    }
    Ok(folder)
}
