//! The folder that a failed test leaves: what was run, what the engine had, what the nodes and the cluster said.

use std::fs;
use std::path::{Path, PathBuf};

use super::Bed;
use crate::engine::LIMIT;
use crate::{process, target};

/// What a server is asked about its cluster, by the file the answer goes to. Both k3s and the stand-in have kubectl.
const QUESTIONS: [(&str, &[&str]); 4] = [
    ("nodes.txt", &["describe", "nodes"]),
    ("pods.txt", &["get", "pods", "-A", "-o", "wide"]),
    ("pods.yaml", &["get", "pods", "-A", "-o", "yaml"]),
    ("events.txt", &["get", "events", "-A", "--sort-by=.lastTimestamp"]),
];

/// Writes the folder of this test, in place of an older one, and says on standard error where it is. It is the way out
/// of a failure already, so what cannot be had is left out.
#[expect(
    clippy::print_stderr,
    reason = "the test's output is where one looks after a failure"
)]
pub(super) fn write(bed: &Bed, test: &str) {
    let folder = folder(test);
    drop(fs::remove_dir_all(&folder));
    if let Err(error) = fs::create_dir_all(&folder) {
        eprintln!("cannot write {}: {error}", folder.display());
        return;
    }
    keep(&folder, "commands.txt", &bed.transcript());
    keep(
        &folder,
        "kubeconfig.yaml",
        &fs::read_to_string(bed.kubeconfig()).unwrap_or_default(),
    );
    keep(&folder, "engine.txt", &engine(bed));
    for node in containers(bed) {
        keep(
            &folder,
            &format!("{node}.log"),
            &docker(bed, &["logs", "--timestamps", &node]),
        );
        keep(
            &folder,
            &format!("{node}.json"),
            &docker(bed, &["inspect", &node]),
        );
        let logs = folder.join(format!("{node}-logs"));
        docker(bed, &["cp", &format!("{node}:/var/log"), &logs.to_string_lossy()]);
    }
    for (file, question) in QUESTIONS {
        let server = bed.server(0);
        let asked = [&["exec", server.as_str(), "timeout", "20", "kubectl"], question].concat();
        keep(&folder, file, &docker(bed, &asked));
    }
    eprintln!("{test}: what was found is in {}", folder.display());
}

/// `target/e2e-failures/<test>`, with every character that a file name may not have replaced.
fn folder(test: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    target()
        .join("e2e-failures")
        .join(test.chars().map(plain).collect::<String>())
}

fn keep(folder: &Path, file: &str, text: &str) {
    if !text.is_empty() {
        drop(fs::write(folder.join(file), text));
    }
}

/// What the engine holds, everybody's.
fn engine(bed: &Bed) -> String {
    let listings: [&[&str]; 6] = [
        &["version"],
        &["ps", "-a", "--no-trunc"],
        &["network", "ls"],
        &["volume", "ls"],
        &["images", "--digests"],
        &["system", "df"],
    ];
    let answers =
        listings.map(|arguments| format!("$ docker {}\n{}\n", arguments.join(" "), docker(bed, arguments)));
    answers.concat()
}

/// The containers of this bed's cluster: by name, since one made half has no label yet.
fn containers(bed: &Bed) -> Vec<String> {
    let filter = format!("name={}-", bed.cluster());
    let names = docker(bed, &["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"]);
    names.lines().map(str::to_owned).collect()
}

/// Both streams of a `docker` command.
fn docker(bed: &Bed, arguments: &[&str]) -> String {
    let run = process::run(bed.command("docker", arguments), LIMIT);
    run.stdout + &run.stderr
}
