//! Programs for tests that only pretend.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Puts a shell script into a folder, under the name of a program.
///
/// Another process writes it: a file that this one has open for writing cannot be run by a test in another thread, nor
/// by any process forked meanwhile.
pub(crate) fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
    let file = folder.join(name);
    let status = Command::new("/bin/sh")
        .args([
            "-c",
            r#"mkdir -p "$1" && printf '#!/bin/sh\n%s\n' "$3" >"$1/$2" && chmod 755 "$1/$2""#,
            "sh",
        ])
        .arg(folder)
        .args([name, script])
        .status()
        .unwrap();
    assert!(status.success());
    file
}
