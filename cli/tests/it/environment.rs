//! A place to run `ratectl` in: a temporary home and folder, and no variable of the machine's but `PATH`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program under test.
const RATECTL: &str = env!("CARGO_BIN_EXE_ratectl");

/// A home, a project folder, and whatever a test puts there.
pub(crate) struct Environment {
    temp: TempDir,
}

/// How a run ended, and what it said.
#[must_use = "look at the words or the exit code"]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Environment {
    /// An empty home and an empty project folder.
    pub(crate) fn new() -> Self {
        let temp = tempfile::Builder::new()
            .prefix("ratectl-test-")
            .tempdir()
            .unwrap();
        fs::create_dir(temp.path().join("home")).unwrap();
        fs::create_dir(temp.path().join("project")).unwrap();
        Environment { temp }
    }

    /// The folder `ratectl` is started in.
    pub(crate) fn project(&self) -> PathBuf {
        self.temp.path().join("project")
    }

    /// Writes a file of the project, with the folders it needs.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.project().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The program with these arguments, ready to be started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(RATECTL);
        command
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .stdin(Stdio::null());
        command.env("HOME", self.temp.path().join("home"));
        command.env("TMPDIR", self.temp.path());
        command.env("COLUMNS", "100");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        Ended::of(&self.command(args).output().unwrap())
    }

    /// Takes what differs between two runs out of `words`.
    pub(crate) fn redact(&self, words: &str) -> String {
        let real = fs::canonicalize(self.temp.path()).unwrap();
        let replace = |words: &str, path: &Path| words.replace(&path.display().to_string(), "[TEMP]");
        replace(&replace(words, &real), self.temp.path())
    }
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("killed".to_owned(), |code| code.to_string());
        writeln!(
            f,
            "exit code: {code}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.stdout, self.stderr
        )
    }
}
