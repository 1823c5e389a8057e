//! A user without rights: permissions mean nothing to root.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::environment::Environment;

/// `nobody`, on most systems; any number without rights will do.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

/// Why the program cannot be run without rights; `None` when it can.
pub(super) fn else_cannot_run() -> Option<String> {
    let environment = Environment::new();
    let mut command = environment.command(&["--version"]);
    becomes(&environment, &mut command);
    match command.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Some(format!("another user cannot run the program: {error}")),
    }
}

/// Has the command run by somebody without rights, who may read what is in the environment.
pub(super) fn becomes(environment: &Environment, command: &mut Command) {
    if is_root() {
        let folder = environment.project();
        let temp = folder.parent().unwrap();
        fs::set_permissions(temp, Permissions::from_mode(0o755)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
}
