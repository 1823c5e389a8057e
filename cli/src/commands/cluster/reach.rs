//! Which engine and which kubeconfig a command is about.

use std::path::{Path, PathBuf};

use platform::{
    cluster::{self, Setup},
    docker::{Endpoint, Engine},
    kubeconfig::Location,
};

use crate::{error::Error, progress::Running};

/// Flags of everything that has to do with a cluster.
#[derive(Debug, clap::Args)]
pub(crate) struct Reach {
    /// The Docker engine [default: `DOCKER_HOST`, or the Docker context in use, or the usual socket]
    #[arg(long, value_name = "URL")]
    pub(crate) docker_host: Option<String>,

    /// The kubeconfig file [default: those of `KUBECONFIG`, or `~/.kube/config`]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    kubeconfig: Option<PathBuf>,
}

impl Reach {
    /// Connects to the engine.
    pub(crate) async fn engine(&self) -> Result<Engine, Error> {
        let endpoint = Endpoint::find(self.docker_host.as_deref())?;
        Ok(Engine::connect(&endpoint).await?)
    }

    /// The kubeconfig file or files; a relative path is meant from `base`.
    pub(crate) fn kubeconfig(&self, base: &Path) -> Location {
        Location::find(self.kubeconfig_file(base).as_deref())
    }

    /// The file that was named on the command line.
    pub(super) fn kubeconfig_file(&self, base: &Path) -> Option<PathBuf> {
        self.kubeconfig.as_ref().map(|file| base.join(file))
    }

    /// Everything an operation on a cluster works with.
    pub(super) async fn setup(&self, base: &Path, running: Running) -> Result<Setup, Error> {
        let Running { events, cancel } = running;
        let engine = tokio::select! {
            engine = self.engine() => engine?,
            () = cancel.cancelled() => return Err(cluster::Error::Cancelled.into()),
        };
        Ok(Setup {
            engine,
            kubeconfig: self.kubeconfig(base),
            state_dir: state_dir(),
            events,
            cancel,
        })
    }
}

/// Where things lie that outlive a run: `$XDG_STATE_HOME/ratectl`, by default below `~/.local/state`.
pub(crate) fn state_dir() -> PathBuf {
    state_dir_of(|name| std::env::var_os(name).map(PathBuf::from))
}

fn state_dir_of(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    // As the XDG specification wants it: a relative path does not count.
    let folder = |name: &str| variable(name).filter(|folder| folder.is_absolute());
    folder("XDG_STATE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/state")))
        .unwrap_or_else(std::env::temp_dir)
        .join("ratectl")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")] => PathBuf::from("/s/ratectl"); "as told")]
    #[test_case(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")] => PathBuf::from("/h/.local/state/ratectl"); "a relative path does not count")]
    #[test_case(&[("HOME", "/h")] => PathBuf::from("/h/.local/state/ratectl"); "the default")]
    #[test_case(&[] => std::env::temp_dir().join("ratectl"); "without a home")]
    fn state(environment: &[(&str, &str)]) -> PathBuf {
        state_dir_of(|name| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        })
    }
}
