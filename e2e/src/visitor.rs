//! The image that test pods run: one static program that serves, resolves names, fetches pages and flushes late.
//!
//! It is built from `visitor/program.rs` by `rustc` alone and imported into the engine under the hash of its source, once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const SOURCE: &str = include_str!("visitor/program.rs");
/// What makes one file all that an image needs, and small.
const FLAGS: [&str; 5] = [
    "--edition=2024",
    "-Ctarget-feature=+crt-static",
    "-Copt-level=s",
    "-Cstrip=symbols",
    "-Cpanic=abort",
];

/// The image's name in the engine; it is built first if it is not there.
///
/// # Panics
/// When `rustc` or `docker` fail.
pub fn image() -> &'static str {
    static IMAGE: OnceLock<String> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let mut hasher = DefaultHasher::new();
        (SOURCE, FLAGS).hash(&mut hasher);
        let name = format!("ratectl-e2e/visitor:{:016x}", hasher.finish());
        let known = docker(&["image", "inspect", &name])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !known.expect("docker can be started").success() {
            import(&name);
        }
        name
    })
}

/// Puts the image into the registry on this port of this machine, as a person does it, and gives its name there.
///
/// # Panics
/// When `docker` fails.
pub fn push(port: u16) -> String {
    let name = format!("localhost:{port}/visitor:1");
    let steps: [&[&str]; 3] = [
        &["tag", image(), &name],
        &["push", "--quiet", &name],
        // Only the name goes; the image has another.
        &["rmi", &name],
    ];
    for step in steps {
        let run = docker(step).output().expect("docker can be started");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "docker {step:?} failed: {said}");
    }
    name
}

fn docker(arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

fn import(name: &str) {
    let folder = tempfile::tempdir().expect("the temporary folder takes a new one");
    let program = folder.path().join("visitor");
    let built = Command::new("rustc")
        .args(FLAGS)
        .args(["--crate-name=visitor", "-"])
        .arg("-o")
        .arg(&program)
        .stdin(Stdio::piped())
        .spawn()
        .and_then(|mut rustc| {
            rustc
                .stdin
                .take()
                .map_or(Ok(()), |mut stdin| stdin.write_all(SOURCE.as_bytes()))?;
            rustc.wait()
        });
    assert!(
        built.expect("rustc can be started").success(),
        "rustc failed on the visitor"
    );
    let mut docker = docker(&["import", "--change=ENTRYPOINT [\"/visitor\"]", "-", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("docker can be started");
    let stdin = docker.stdin.take().expect("it was asked for");
    archive(&program, stdin).expect("docker reads the archive");
    assert!(
        docker.wait().is_ok_and(|status| status.success()),
        "docker import of {name} failed"
    );
}

fn archive(program: &Path, out: impl std::io::Write) -> std::io::Result<()> {
    let mut archive = tar::Builder::new(out);
    archive.append_path_with_name(program, "visitor")?;
    archive.into_inner().map(drop)
}
