//! One test's place on the engine: names, folders and commands that meet nobody else's.

mod failure;
mod shared;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Process, Run, engine, ratectl};

pub use shared::Shared;

/// For one `ratectl` command; the longest is a create with several nodes, on a machine that does other things too.
const LIMIT: Duration = Duration::from_mins(5);

/// What a command may keep of this process's environment; nothing else decides how `ratectl` behaves.
const KEPT: [&str; 5] = ["PATH", "TMPDIR", "DOCKER_HOST", "USER", "LLVM_PROFILE_FILE"];

/// A folder as home, a kubeconfig, an empty project, a cluster name and ports. Dropped, it removes what its cluster left
/// on the engine; dropped by a panic, it first writes down what happened.
#[derive(Debug)]
pub struct Bed {
    test: String,
    cluster: String,
    folder: TempDir,
    registry_port: u16,
    runs: Mutex<Vec<Run>>,
}

impl Bed {
    /// A new bed for the test of this name.
    ///
    /// # Panics
    /// When no folder can be made.
    pub fn new(test: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("ratectl-e2e-").tempdir();
        let bed = Self {
            test: test.to_owned(),
            cluster: engine::cluster_name(),
            folder: folder.expect("the temporary folder takes a new one"),
            registry_port: free_port(),
            runs: Mutex::default(),
        };
        for folder in [bed.home().join(".kube"), bed.project(), bed.state()] {
            std::fs::create_dir_all(folder).expect("a new folder takes others");
        }
        bed
    }

    /// A running cluster that several tests look at and none changes.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn shared(test: &str) -> Shared {
        Shared::new(test)
    }

    /// The name of this bed's cluster. Whatever is on the engine under it, or under names that begin with it and a
    /// hyphen, goes with the bed.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The container of its server with this number.
    pub fn server(&self, number: u8) -> String {
        format!("k3d-{}-server-{number}", self.cluster)
    }

    /// The container of its agent with this number.
    pub fn agent(&self, number: u8) -> String {
        format!("k3d-{}-agent-{number}", self.cluster)
    }

    /// A port for its registry that was free when the bed was made.
    pub fn registry_port(&self) -> u16 {
        self.registry_port
    }

    /// The label (`NAME=VALUE`) by which containers, networks, volumes and images that a test makes by hand belong to this bed.
    pub fn label(&self) -> String {
        format!("ratectl.e2e={}", self.cluster)
    }

    /// The line of `cluster:` in a project file by which nodes find the images of others (`nats`, `postgres`, `traefik`, `busybox`);
    /// empty where they can be pulled.
    pub fn mirrors() -> String {
        Self::mirror().map_or_else(String::new, |mirror| {
            format!("mirrors: {{'*': {{endpoint: ['{mirror}']}}}}")
        })
    }

    /// The registry that nodes find those images in, by its URL; `None` where they can be pulled.
    pub fn mirror() -> Option<String> {
        // Set by tools/e2e.
        let address = std::env::var("E2E_MIRROR").ok()?;
        Some(format!("http://{address}"))
    }

    /// `HOME` of every command.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The working folder of every command, empty at first.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// `XDG_STATE_HOME` of every command.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// `KUBECONFIG` of every command; not there at first.
    pub fn kubeconfig(&self) -> PathBuf {
        self.home().join(".kube/config")
    }

    /// Writes a file of the project.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn write(&self, path: &str, contents: &str) -> PathBuf {
        let path = self.project().join(path);
        let folder = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(folder).expect("the project takes folders");
        std::fs::write(&path, contents).expect("the project takes files");
        path
    }

    /// A command with this bed's environment and nothing else of ours, not started yet.
    pub fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program.as_ref());
        command.args(arguments).current_dir(self.project()).env_clear();
        for name in KEPT {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("HOME", self.home())
            .env("XDG_STATE_HOME", self.state())
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("KUBECONFIG", self.kubeconfig());
        command
    }

    /// `ratectl` with this bed's environment, not started yet: for tests that change it.
    pub fn ratectl_command(&self, arguments: &[&str]) -> Command {
        self.command(ratectl(), arguments)
    }

    /// Runs `ratectl`, for at most five minutes.
    #[track_caller]
    pub fn ratectl(&self, arguments: &[&str]) -> Run {
        self.run(self.ratectl_command(arguments))
    }

    /// Starts `ratectl` and returns at once.
    #[track_caller]
    pub fn spawn(&self, arguments: &[&str]) -> Process {
        Process::start(self.ratectl_command(arguments))
    }

    /// Runs `docker`.
    #[track_caller]
    pub fn docker(&self, arguments: &[&str]) -> Run {
        self.run(self.command("docker", arguments))
    }

    /// Runs `kubectl` on this bed's cluster, as the kubeconfig that `ratectl` wrote has it.
    #[track_caller]
    pub fn kubectl(&self, arguments: &[&str]) -> Run {
        let context = format!("--context=k3d-{}", self.cluster);
        self.run(self.command("kubectl", &[&[context.as_str()], arguments].concat()))
    }

    /// Runs any command to its end and keeps what it said for the failure folder.
    #[track_caller]
    pub fn run(&self, command: Command) -> Run {
        self.record(Process::start(command).end(LIMIT))
    }

    /// Keeps a run for the failure folder: one that did not come from this bed's own methods.
    pub fn record(&self, run: Run) -> Run {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.push(run.clone());
        run
    }

    /// Everything run so far, as one would have seen it.
    fn transcript(&self) -> String {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        if thread::panicking() {
            failure::write(self, &self.test);
        }
        engine::remove_images(&self.label(), self.registry_port);
        let removed = engine::remove(&self.cluster);
        assert!(removed.code == 0 || thread::panicking(), "{removed}");
    }
}

/// A port of the loopback address that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback address has free ports");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}
