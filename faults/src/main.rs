//! `cargo run -p faults`: carries out a fault run and prints its table.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use faults::fault::Plan;
use faults::stage::Stage;
use faults::{Error, child, run};
use runtime::telemetry::sentence;

/// Kills, pauses and locks parts of the system under load, and counts what was lost.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Each fault once or twice only, as `make test` does
    #[arg(long)]
    short: bool,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Be the proxy; started by a run
    #[command(hide = true)]
    Proxy {
        /// The nats-server's URL
        nats: String,
        /// Where to listen
        listen: std::net::SocketAddr,
        /// The routes file
        routes: std::path::PathBuf,
    },
    /// Be the worker; started by a run
    #[command(hide = true)]
    Worker {
        /// The nats-server's URL
        nats: String,
        /// The SQLite file
        database: std::path::PathBuf,
        /// Die at this stage of a request
        #[arg(long, requires = "passage")]
        die: Option<Stage>,
        /// How often the stage is reached until then
        #[arg(long)]
        passage: Option<u32>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.role {
        Some(Role::Proxy { nats, listen, routes }) => child::proxy(&nats, listen, &routes),
        Some(Role::Worker {
            nats,
            database,
            die,
            passage,
        }) => child::worker(&nats, &database, die.zip(passage)),
        None => carry_out(arguments.short),
    };
    outcome.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::FAILURE
    })
}

fn carry_out(short: bool) -> Result<ExitCode, Error> {
    let program = std::env::current_exe().map_err(Error::Program)?;
    let plan = if short { Plan::short() } else { Plan::long() };
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Program)?;
    let report = runtime.block_on(run::run(&program, &plan))?;
    report
        .print(&mut std::io::stdout().lock())
        .map_err(Error::Report)?;
    Ok(if report.verdict.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn complain(error: &Error) {
    // Without a standard error there is nobody to tell.
    writeln!(std::io::stderr(), "error: {}", sentence(error)).ok();
}
