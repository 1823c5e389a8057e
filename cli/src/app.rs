//! The command line as a whole: global flags, parsing, and the way from a command to an exit code.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, error::ErrorKind};

use crate::{
    commands::Command,
    error::Error,
    exit::Exit,
    ui::{ColorChoice, Manner, Output, Streams, Ui},
};

const EXIT_CODES: &str = "\
Exit codes:
  0  done                      5  build or push failed       9  refused by a guard
  1  failed, or differences    6  apply failed             130  ended by Ctrl-C
  2  usage                     7  rollout failed           143  ended by SIGTERM
  3  configuration             8  timed out
  4  engine or server unreachable

Results go to stdout, status and logs to stderr.";

/// Build, run, watch and break a pull-based NATS JetStream system
///
/// `ratectl dev` runs the system that `ratectl.yaml` describes on this machine; press Ctrl-C to stop it.
/// `ratectl create-cluster` makes a Kubernetes cluster with a registry in Docker, ready to use.
#[derive(Debug, Parser)]
#[command(name = "ratectl", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct App {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    command: Command,
}

/// The flags every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) directory: Option<PathBuf>,

    /// Use this project file [default: `ratectl.yaml` here or in the nearest folder above]
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) project: Option<PathBuf>,

    /// Write text for people, or JSON for programs, one object a line
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "text|json",
        default_value = "text"
    )]
    #[arg(hide_possible_values = true)]
    pub(crate) output: Output,

    /// Say nothing but results, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more; twice for everything (can be repeated)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Colour the output; `auto` means on a terminal, unless `NO_COLOR` is set
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "auto|always|never",
        default_value = "auto"
    )]
    #[arg(hide_possible_values = true)]
    pub(crate) color: ColorChoice,
}

impl Global {
    /// The folder relative paths are meant from: `-C`, or where the process was started.
    pub(crate) fn base(&self) -> Result<PathBuf, Error> {
        let here = std::env::current_dir()
            .map_err(|error| Error::new(Exit::Failure, "cannot tell the current folder").caused_by(error))?;
        let base = self
            .directory
            .as_ref()
            .map_or_else(|| here.clone(), |directory| here.join(directory));
        if base.is_dir() {
            Ok(base)
        } else {
            Err(Error::new(
                Exit::Usage,
                format!("there is no folder {}", base.display()),
            ))
        }
    }

    fn manner(&self) -> Manner {
        Manner {
            output: self.output,
            quiet: self.quiet,
            verbose: self.verbose,
            color: self.color,
        }
    }
}

/// The whole command line as clap sees it: for completions, manual pages and tests.
pub fn command() -> clap::Command {
    App::command()
}

/// Parses `args` (with the program's name first), runs the command and says how it ended.
pub fn run(args: &[OsString], streams: Streams) -> Exit {
    let parsed = App::command()
        .try_get_matches_from(args)
        .and_then(|found| App::from_arg_matches(&found));
    let app = match parsed {
        Ok(app) => app,
        Err(error) => match report_usage(&error, args, streams) {
            Exit::Usage if is_check(args) => return Exit::UsageOfCheck,
            exit => return exit,
        },
    };
    let ui = Ui::new(streams, app.global.manner());
    app.command.run(ui, &app.global)
}

/// Prints what clap has to say: help and version are results, anything else is a usage error.
fn report_usage(error: &clap::Error, args: &[OsString], streams: Streams) -> Exit {
    let manner = Manner {
        output: wanted_output(args),
        color: wanted_color(args),
        ..Manner::default()
    };
    let (stdout_colored, stderr_colored) = streams.colored(manner.color);
    let ui = Ui::new(streams, manner);
    let words = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = if stdout_colored {
                words.ansi().to_string()
            } else {
                words.to_string()
            };
            ui.raw(text.as_bytes())
                .map_or_else(|error| error.exit(), |()| Exit::Success)
        }
        _ if manner.output == Output::Json => {
            let words = words.to_string();
            let message = words
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            ui.error(&Error::new(Exit::Usage, message).hint("see `ratectl --help`"));
            Exit::Usage
        }
        _ => {
            ui.complain(&if stderr_colored {
                words.ansi().to_string()
            } else {
                words.to_string()
            });
            Exit::Usage
        }
    }
}

/// Whether a command line that could not be parsed asks for the exit codes of a check, of which 2 is one.
fn is_check(args: &[OsString]) -> bool {
    args.iter().any(|arg| arg == "top")
        && args
            .iter()
            .any(|arg| arg.to_str().is_some_and(|arg| arg.starts_with("--fail-on")))
}

/// What `-o` says on a command line that could not be parsed, so that a program gets its error as JSON even then.
fn wanted_output(args: &[OsString]) -> Output {
    match flag_value(args, "--output", Some("-o")) {
        Some("json") => Output::Json,
        _ => Output::Text,
    }
}

fn wanted_color(args: &[OsString]) -> ColorChoice {
    match flag_value(args, "--color", None) {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

fn flag_value<'a>(args: &'a [OsString], long: &str, short: Option<&str>) -> Option<&'a str> {
    let words: Vec<&str> = args
        .iter()
        .filter_map(|arg| OsStr::to_str(arg))
        .take_while(|arg| *arg != "--")
        .collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let attached = |flag: &str| word.strip_prefix(flag).map(|value| value.trim_start_matches('='));
        match (word, short) {
            (word, _) if *word == long => words.get(at + 1).copied(),
            (word, Some(short)) if *word == short => words.get(at + 1).copied(),
            (word, _) if word.starts_with(&format!("{long}=")) => attached(long),
            (word, Some(short)) if word.starts_with(short) && !word.starts_with("--") => attached(short),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_command_can_be_run_within_a_program() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let args = ["ratectl", "completions", "--help"].map(OsString::from);
        let exit = run(&args, Streams::captured(writer, std::io::sink()));
        let mut text = String::new();
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        assert_eq!(exit, Exit::Success);
        assert!(text.starts_with("Print a completion script"), "{text}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test_case(&["ratectl", "-o", "json", "nonsense"] => Output::Json; "short with a space")]
    #[test_case(&["ratectl", "-ojson"] => Output::Json; "short attached")]
    #[test_case(&["ratectl", "--output=json"] => Output::Json; "long with an equals sign")]
    #[test_case(&["ratectl", "--output", "json"] => Output::Json; "long with a space")]
    #[test_case(&["ratectl", "--", "-o", "json"] => Output::Text; "after the end of flags")]
    #[test_case(&["ratectl", "-o"] => Output::Text; "value missing")]
    fn output_is_found_on_a_broken_command_line(args: &[&str]) -> Output {
        wanted_output(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }
}
