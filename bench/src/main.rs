//! `make bench`: measures and prints.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bench::plan::Plan;
use bench::suite::{self, Parts};
use bench::{Error, echo};
use clap::{Parser, Subcommand};
use runtime::telemetry::sentence;

/// Measures the proxy and the rating service against the transport's own limit.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Measure for a short time only: for development, not to be quoted
    #[arg(long)]
    quick: bool,
    /// Measure the live feed alone
    #[arg(long)]
    feed: bool,
    /// Where the JSON file goes [default: bench/result.json beside the folder of this program]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Be the worker that echoes every request; started by the benchmark itself
    #[command(hide = true)]
    EchoWorker {
        /// The nats-server's URL
        nats: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.role {
        Some(Role::EchoWorker { nats }) => echo::run(nats),
        None => measure(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Error> {
    let plan = if arguments.quick { Plan::QUICK } else { Plan::FULL };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = match words.as_slice() {
        [] => "make bench".to_owned(),
        words => format!("make bench ARGS=\"{}\"", words.join(" ")),
    };
    let parts = if arguments.feed { Parts::Feed } else { Parts::All };
    let report = suite::run(plan, parts, command)?;
    report.print(&mut std::io::stdout().lock())?;
    let path = arguments.output.clone().unwrap_or_else(default_output);
    report.save(&path)?;
    writeln!(std::io::stdout(), "\nall rounds: {}", path.display()).map_err(|source| Error::Write {
        what: "the table".into(),
        source,
    })
}

/// `target/bench/result.json` for a program in `target/release`.
fn default_output() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let target = own.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
    target.join("bench/result.json")
}

fn complain(error: &Error) {
    let mut stderr = std::io::stderr().lock();
    // Without a standard error there is nobody to tell.
    writeln!(stderr, "error: {}", sentence(error)).ok();
}
