//! `make bench-top`: what `ratectl top` costs, and how soon it answers, on a real pseudo-terminal and a real nats-server.
//!
//! It prints figures beside what was aimed at, and judges nothing.

mod api_server;
mod case;
mod error;
mod flood;
mod screen;
mod system;
mod table;
mod top;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bench::host::Host;
use clap::Parser;

use case::Bench;
use error::Error;

/// Measures `ratectl top`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How long each case is measured; less than a minute is for development, not to be quoted
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Only the cases with this in their names
    #[arg(long, value_name = "WORDS", default_value = "")]
    only: String,
    /// The program [default: the one beside this one]
    #[arg(long, value_name = "FILE")]
    ratectl: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

fn run(arguments: Arguments) -> Result<(), Error> {
    let runtime = tokio::runtime::Runtime::new().map_err(Error::io("start the event loop"))?;
    let ratectl = arguments.ratectl.map_or_else(beside, Ok)?;
    let host = Host::look()?;
    table::say(&table::heading(&host, arguments.seconds))?;
    let bench = Bench {
        runtime,
        ratectl,
        time: Duration::from_secs(arguments.seconds),
    };
    for (name, case) in case::ALL {
        if name.contains(&arguments.only) {
            table::say(&table::case(name, &case(&bench)?))?;
        }
    }
    Ok(())
}

/// `ratectl`, built in the same way as this program.
fn beside() -> Result<PathBuf, Error> {
    let own = std::env::current_exe().map_err(Error::io("find this program"))?;
    let path = own.with_file_name("ratectl");
    if path.is_file() {
        return Ok(path);
    }
    let package = "cli";
    Err(bench::Error::NotBuilt { path, package }.into())
}

/// Says an error with its causes.
fn complain(error: &dyn std::error::Error) -> ExitCode {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    // Whoever closed standard error does not want to know.
    drop(writeln!(
        std::io::stderr(),
        "error: {}",
        words.join("\n  because: ")
    ));
    ExitCode::FAILURE
}
