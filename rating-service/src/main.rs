//! The `rating-service` program.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use rating_service::{Config, config::ConfigError};
use runtime::config::{RenderError, render};
use runtime::lifecycle::Shutdown;
use runtime::telemetry;

/// Exit code for a configuration that cannot be used.
const CONFIGURATION: u8 = 3;

const KEYS: &str = "Every setting has a key: `--set database.url=sqlite:ratings.db` and the variable \
    RATING_DATABASE__URL do the same. Flags win over variables, variables over the file; --check-config shows what \
    came out.";

/// Keeps users, services and ratings; takes its requests from a NATS work queue.
#[derive(Debug, Parser)]
#[command(version, after_help = KEYS)]
struct Args {
    /// Configuration file (YAML)
    #[arg(long, env = "RATING_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// NATS server; the same as --set nats.urls=URL
    #[arg(long, value_name = "URL")]
    nats: Option<String>,
    /// Database, sqlite:FILE or postgres://...; the same as --set database.url=URL
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Address for /livez, /readyz and /metrics
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    /// Sets any key
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print the configuration, without secrets, and stop
    #[arg(long)]
    check_config: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot read the configuration")]
    Read(#[from] runtime::config::Error),
    #[error("the configuration is not valid")]
    Invalid(#[from] ConfigError),
    #[error("cannot show the configuration")]
    Render(#[from] RenderError),
    #[error("cannot log")]
    Telemetry(#[from] telemetry::Error),
    #[error("cannot start")]
    System(#[from] std::io::Error),
    #[error("the service failed")]
    Service(#[from] rating_service::Error),
}

fn main() -> ExitCode {
    match serve(&Args::parse()) {
        Ok(code) => code,
        Err(failure) => {
            let sentence = telemetry::sentence(&failure);
            // Without standard error there is nobody to tell.
            drop(writeln!(std::io::stderr(), "rating-service: {sentence}"));
            match failure {
                Failure::Read(_) | Failure::Invalid(_) => ExitCode::from(CONFIGURATION),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn serve(args: &Args) -> Result<ExitCode, Failure> {
    let config = read(args)?;
    config.validate()?;
    if args.check_config {
        write!(std::io::stdout(), "{}", render(&config)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let _guard = telemetry::init(&config.log, std::env::var("RUST_LOG").ok().as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.watch_signals(config.drain_timeout)?;
        rating_service::run(config, None, shutdown.clone()).await?;
        Ok(shutdown.finished().await.exit_code())
    })
}

fn read(args: &Args) -> Result<Config, Failure> {
    let mut layers = Config::layers()?;
    if let Some(file) = &args.config {
        layers = layers.file(file);
    }
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name != "RATING_CONFIG");
    layers = layers
        .environment(variables)
        .maybe_flag("--nats", "nats.urls", args.nats.as_deref())
        .maybe_flag("--database", "database.url", args.database.as_deref())
        .maybe_flag("--admin-listen", "admin_listen", args.admin_listen.as_deref());
    for assignment in &args.set {
        layers = layers.assignment("--set", assignment)?;
    }
    Ok(layers.load()?)
}
