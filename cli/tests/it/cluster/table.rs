//! Tables of command lines: each run as a person would, all answers in one snapshot.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::environment::{Ended, Environment};

/// Writes files and sets variables.
type Prepare<'a> = Box<dyn Fn(&Environment, &mut Command) + Sync + 'a>;

/// A command line, and what is special about the place it is run in.
pub(crate) struct Case<'a> {
    what: &'a str,
    args: Vec<String>,
    prepare: Prepare<'a>,
}

impl<'a> Case<'a> {
    /// A case with nothing special.
    pub(crate) fn new(what: &'a str, args: &[&str]) -> Self {
        Case {
            what,
            args: args.iter().map(ToString::to_string).collect(),
            prepare: Box::new(|_, _| {}),
        }
    }

    /// With files or variables.
    pub(crate) fn with(mut self, prepare: impl Fn(&Environment, &mut Command) + Sync + 'a) -> Self {
        self.prepare = Box::new(prepare);
        self
    }
}

/// Runs every case in an environment of its own, in which no engine is to be found unless the case has one, and gives their
/// answers in the order of the table.
pub(crate) fn answers(cases: &[Case<'_>]) -> String {
    let answer = |case: &Case<'_>| {
        let environment = Environment::new();
        let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
        let mut command = environment.command(&args);
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        (case.prepare)(&environment, &mut command);
        let ended = Ended::of(&command.output().unwrap());
        assert_ne!(ended.code, Some(0), "{}: {ended}", case.what);
        assert_eq!(ended.stdout, "", "{}", case.what);
        let mut text = format!("## {}\n$ ratectl {}\n", case.what, shown(&args));
        let code = ended.code.map_or("none".to_owned(), |code| code.to_string());
        let _ = writeln!(text, "exit code {code}\n{}", environment.redact(&ended.stderr));
        text
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = cases.iter().map(|case| scope.spawn(|| answer(case))).collect();
        let answers = running.into_iter().map(|running| running.join().unwrap());
        answers.collect::<Vec<_>>().join("\n")
    })
}

/// Arguments as a person would see them.
fn shown(args: &[&str]) -> String {
    let shown = |arg: &&str| match *arg {
        "" => "''".to_owned(),
        arg => arg.escape_debug().to_string(),
    };
    args.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// The socket of a test's engine, as a regular expression.
pub(crate) const SOCKET: &str = r"(?:/[\w.-]+)*/testbed-engine-\w+/docker\.sock";

/// `unix://` and a path.
pub(crate) fn unix(path: &Path) -> String {
    format!("unix://{}", path.display())
}
