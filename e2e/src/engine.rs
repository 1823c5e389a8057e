//! The engine that the tests run on, and what of ours is in it.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::{Run, process, repository};

/// For one `docker` command. Removing a node takes seconds, on a busy machine more.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// A cluster name nobody else has: `e2e-<this process>-<number>`.
///
/// With the first one a watchdog is started that removes all of them when this process ends, however it ends.
pub(crate) fn cluster_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    static WATCHDOG: OnceLock<Child> = OnceLock::new();
    let prefix = format!("e2e-{}-", std::process::id());
    WATCHDOG.get_or_init(|| watch(&prefix));
    format!("{prefix}{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Starts the watchdog: it reads a pipe whose other end only this process holds.
fn watch(prefix: &str) -> Child {
    use std::os::unix::process::CommandExt as _;
    sweep(prefix)
        .arg("--at-end-of-input")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("tools/e2e-sweep lies in the repository")
}

/// The command that removes the clusters of this name, or whose names begin so when it ends in a hyphen.
fn sweep(name: &str) -> Command {
    let mut command = Command::new(repository().join("tools/e2e-sweep"));
    command.arg(name);
    command
}

/// Removes what belongs to this cluster: containers with their volumes, networks, volumes.
pub(crate) fn remove(cluster: &str) -> Run {
    process::run(sweep(cluster), LIMIT)
}

/// Removes the images with this label, also those between the steps of a build, and the names of images in the registry on this port.
///
/// What cannot be removed stays: something else uses it.
pub(crate) fn remove_images(label: &str, registry_port: u16) {
    let docker = |arguments: &[&str]| {
        let mut command = Command::new("docker");
        command.args(arguments);
        process::run(command, LIMIT)
    };
    let labelled = format!("label={label}");
    let made = docker(&["image", "ls", "--all", "--quiet", "--filter", &labelled]);
    // The newest come first: no other is made of them.
    for id in made.stdout.lines() {
        docker(&["image", "rm", "--force", id]);
    }
    for depth in ["*", "*/*"] {
        let named = format!("reference=localhost:{registry_port}/{depth}");
        let format = "{{.Repository}}:{{.Tag}}";
        let named = docker(&["image", "ls", "--format", format, "--filter", &named]);
        for name in named.stdout.lines() {
            docker(&["image", "rm", name]);
        }
    }
}
