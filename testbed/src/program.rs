//! Any program of the workspace as a child: a proxy, a worker.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::Error;
use crate::guard::{self, Guard, Plan};

/// A running (or ended) program with a folder of its own, in which it runs. Dropping it kills the program and removes
/// the folder.
#[derive(Debug)]
pub struct Program {
    guard: Guard,
    plan: Plan,
    folder: TempDir,
}

impl Program {
    /// Starts a program with arguments and additional environment variables. Returns as soon as it runs: when it is
    /// ready, only the caller can know.
    pub fn start<A, E>(program: &Path, arguments: A, environment: E) -> Result<Self, Error>
    where
        A: IntoIterator<Item: Into<OsString>>,
        E: IntoIterator<Item = (&'static str, String)>,
    {
        let folder = tempfile::Builder::new()
            .prefix("testbed-program-")
            .tempdir()
            .map_err(Error::io(format!("make a folder for {}", program.display())))?;
        // env(1) replaces itself with the program, so the process id is the program's.
        let mut words: Vec<OsString> = environment
            .into_iter()
            .map(|(name, value)| format!("{name}={value}").into())
            .collect();
        words.push(program.into());
        words.extend(arguments.into_iter().map(Into::into));
        let plan = Plan {
            program: PathBuf::from("/usr/bin/env"),
            arguments: words,
            user: None,
            folder: folder.path().to_owned(),
            log: folder.path().join("log"),
            signal: "KILL",
        };
        Ok(Self {
            guard: Guard::spawn(&plan)?,
            plan,
            folder,
        })
    }

    /// Starts the program again, in the same folder with the same words; kills it first if it runs.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill()?;
        self.guard = Guard::spawn(&self.plan)?;
        Ok(())
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.guard.pid().as_raw_nonzero().get().unsigned_abs()
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> Result<bool, Error> {
        self.guard.ended()
    }

    /// SIGKILL; its folder stays.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.guard.end(Signal::KILL)
    }

    /// SIGTERM, and waits until it has ended; its folder stays.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.guard.end(Signal::TERM)
    }

    /// The folder it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The last lines of what it wrote to its standard output and error.
    pub fn log(&self) -> String {
        guard::tail(&self.plan.log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The folder's own drop removes it afterwards.
        drop(self.guard.end(Signal::KILL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_its_words_and_can_be_started_again() {
        let script = "echo \"$WORD $1\"; exec sleep 100";
        let mut program = Program::start(
            Path::new("/bin/sh"),
            ["-c", script, "sh", "argument"],
            [("WORD", "value".to_owned())],
        )
        .unwrap();
        let first = program.pid();
        let begin = std::time::Instant::now();
        while program.log() != "value argument" {
            assert!(
                begin.elapsed() < std::time::Duration::from_secs(20),
                "the log is {:?}",
                program.log()
            );
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!program.ended().unwrap());
        program.kill().unwrap();
        assert!(program.ended().unwrap());
        program.restart().unwrap();
        assert_ne!(program.pid(), first);
        assert!(!program.ended().unwrap());
    }
}
