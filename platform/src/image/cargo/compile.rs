//! `cargo build` of one program.

mod output;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};

use super::command::{self, Group};
use super::compiler::Compiler;
use super::short;
use super::workspace::Workspace;
use crate::event::{Event, Step, StepKind, StepState};
use crate::image::{Error, Setup};
use crate::project::image::CargoBuild;

pub(super) use output::{Output, follow};

/// Makes a binary that needs nothing of the system it runs on.
const STATIC: &str = "-Ctarget-feature=+crt-static";
/// The folder of Cargo's folder where programs for images are: other flags than those of `cargo build`, which must not undo each other.
const FOLDER: &str = "image";
const ENCODED: &str = "CARGO_ENCODED_RUSTFLAGS";
const FLAGS: &str = "RUSTFLAGS";

/// One at a time. Side by side they would wait for each other's lock in Cargo's folder; in one `cargo build` of several packages each
/// would get the features the others need, and what one of them is would depend on what it was built together with.
static WORKSPACES: Mutex<()> = Mutex::const_new(());
/// Published programs have folders of their own, so one of them is compiled beside one of the workspace: the last minutes of each,
/// when it is put together, take no more than one processor.
pub(super) static PUBLISHED: Mutex<()> = Mutex::const_new(());

/// Nothing else is compiled while it is held, so that what was compiled stays as it is.
pub(super) type Turn = MutexGuard<'static, ()>;

/// Compiles a program of a workspace. What Cargo says comes out as lines of the component.
pub(super) async fn compile(
    setup: &Setup,
    component: &str,
    build: &CargoBuild,
    profile: &str,
    compiler: &Compiler,
    workspace: &Workspace,
) -> Result<(PathBuf, Turn), Error> {
    let mut words: Vec<OsString> = [
        "build",
        "--locked",
        "--color",
        "never",
        "--message-format",
        "json-render-diagnostics",
    ]
    .map(OsString::from)
    .into();
    let target_folder = target_folder(workspace);
    let options = [
        ("--package", build.package.as_str().into()),
        ("--bin", build.binary.as_str().into()),
        ("--profile", profile.into()),
        ("--target", compiler.target.as_str().into()),
        ("--target-dir", target_folder.into_os_string()),
    ];
    for (name, value) in options {
        words.extend([name.into(), value]);
    }
    words.extend(features(build));
    let turn = turn(setup, component, &WORKSPACES).await;
    let output = run(setup, component, words, &build.folder, compiler).await?;
    let program = output.executable(&build.binary).ok_or_else(|| Error::Cargo {
        operation: format!("build {}", build.binary),
        reason: "it compiled, and does not say where the program is".to_owned(),
    })?;
    Ok((program, turn))
}

/// How Cargo is told which features a program has.
pub(super) fn features(build: &CargoBuild) -> Vec<OsString> {
    let mut words = Vec::new();
    if !build.default_features {
        words.push("--no-default-features".into());
    }
    if !build.features.is_empty() {
        words.extend(["--features".into(), build.features.join(",").into()]);
    }
    words
}

/// Where programs of a workspace are compiled. Cargo tells workspaces in one folder apart by the ages of their sources alone, and so
/// would take the program of another worktree for this one's.
fn target_folder(workspace: &Workspace) -> PathBuf {
    let folder = workspace.target.join(FOLDER);
    if workspace.target.starts_with(&workspace.root) {
        return folder;
    }
    folder.join(&short(workspace.root.as_os_str().as_encoded_bytes())[..16])
}

/// Runs Cargo to its end. Whoever calls it has had to wait for a [`turn`].
pub(super) async fn run(
    setup: &Setup,
    component: &str,
    words: Vec<OsString>,
    folder: &Path,
    compiler: &Compiler,
) -> Result<Output, Error> {
    let cargo = OsString::from("cargo");
    let mut command = Command::new(&cargo);
    command.args(&words).current_dir(folder);
    make_static(&mut command, &compiler.target);
    let group = Group::start(&mut command).map_err(|error| Error::Cargo {
        operation: format!("build {component}"),
        reason: command::not_run(&cargo, folder, &error),
    })?;
    Output::follow(setup, component, group).await
}

/// Waits, and says so.
pub(super) async fn turn(setup: &Setup, component: &str, turns: &'static Mutex<()>) -> Turn {
    if let Ok(turn) = turns.try_lock() {
        return turn;
    }
    let tell = |reason: &str| {
        setup.events.send(Event::Step {
            step: Step::new(StepKind::Build, component),
            state: StepState::Waiting {
                reason: reason.to_owned(),
            },
        });
    };
    tell("another program is being compiled");
    let turn = turns.lock().await;
    tell("it is being compiled");
    turn
}

/// Flags from the environment stay; those of Cargo's configuration for the target do too.
fn make_static(command: &mut Command, target: &str) {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(flags) = set(ENCODED) {
        command.env(ENCODED, format!("{flags}\u{1f}{STATIC}"));
    } else if let Some(flags) = set(FLAGS) {
        command.env(FLAGS, format!("{flags} {STATIC}"));
    } else {
        let setting = format!("target.{target}.rustflags=[\"{STATIC}\"]");
        command.args(["--config", &setting]);
    }
}

/// Flags from the environment, which change what comes out.
pub(super) fn own_flags() -> String {
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    set(ENCODED).or_else(|| set(FLAGS)).unwrap_or_default()
}
