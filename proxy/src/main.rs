//! `http-to-nats-proxy`: parse, start telemetry, run, exit code.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use proxy::command_line::{Flags, LoadError};
use proxy::config::Config;
use runtime::lifecycle::{Reason, Shutdown};
use runtime::telemetry;

/// The exit code for a wrong configuration.
const CONFIGURATION: u8 = 3;

fn main() -> ExitCode {
    let flags = Flags::parse();
    let config = match flags.load(variables()) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    if flags.check_config {
        check(&config)
    } else {
        serve(config)
    }
}

fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Prints the configuration; the routes file must be right as well.
fn check(config: &Config) -> ExitCode {
    let rendered = match (config.read_routes(), runtime::config::render(config)) {
        (Err(error), _) => return refuse(&LoadError::Check(error)),
        (_, Err(error)) => return refuse(&error),
        (Ok(_), Ok(rendered)) => rendered,
    };
    match writeln!(io::stdout(), "{}", rendered.trim_end()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(mut config: Config) -> ExitCode {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    config
        .log
        .fields
        .push(("HostName".to_owned(), host.trim().to_owned()));
    let rust_log = std::env::var("RUST_LOG").ok();
    let _guard = match telemetry::init(&config.log, rust_log.as_deref()) {
        Ok(guard) => guard,
        Err(error) => return refuse(&error),
    };
    // Accepting and the admin pages; requests are served on the shards' own threads.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    runtime.block_on(async {
        let shutdown = Shutdown::new();
        if let Err(error) = shutdown.watch_signals(config.http.accept_grace + config.http.drain_timeout) {
            return fail(&error);
        }
        match proxy::run(config, shutdown.clone()).await {
            Ok(()) => shutdown.reason().map_or(ExitCode::SUCCESS, Reason::exit_code),
            Err(error @ proxy::Error::Config(_)) => refuse(&error),
            Err(error) => fail(&error),
        }
    })
}

fn refuse(error: &dyn Error) -> ExitCode {
    say(error);
    ExitCode::from(CONFIGURATION)
}

fn fail(error: &dyn Error) -> ExitCode {
    say(error);
    ExitCode::FAILURE
}

/// Says an error with its causes; where nobody reads it, the exit code still does.
fn say(error: &dyn Error) {
    let mut stderr = io::stderr().lock();
    drop(writeln!(stderr, "error: {error}"));
    let mut cause = error.source();
    while let Some(error) = cause {
        drop(writeln!(stderr, "  because: {error}"));
        cause = error.source();
    }
}
