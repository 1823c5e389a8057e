//! The parts of the system that a run starts from this crate's own program: the real proxy and the real rating service,
//! the latter able to die at a given moment.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rating_service::store::{self, Location};
use runtime::lifecycle::Shutdown;
use runtime::worker::{self, Delivery, Observer};
use runtime::{nats, telemetry};
use rustix::process::{Signal, getpid, kill_process};

use crate::Error;
use crate::stage::Stage;

/// Admin pages on any port: nobody asks for them here.
const ANY_PORT: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// Serves as the proxy until SIGTERM.
///
/// # Errors
///
/// When it cannot start.
pub fn proxy(nats: &str, listen: SocketAddr, routes: &Path) -> Result<ExitCode, Error> {
    let mut config = proxy::config::Config {
        listen,
        admin_listen: ANY_PORT.into(),
        routes: routes.to_owned(),
        ..proxy::config::Config::default()
    };
    config.nats.urls = vec![nats.to_owned()];
    run(|shutdown| async {
        proxy::run(config, shutdown)
            .await
            .map_err(Error::child("serve as the proxy"))
    })
}

/// Serves as the worker until SIGTERM, or until it has come to a stage so many times.
///
/// # Errors
///
/// When it cannot start.
pub fn worker(nats: &str, database: &Path, die: Option<(Stage, u32)>) -> Result<ExitCode, Error> {
    let config = rating_service::Config {
        admin_listen: ANY_PORT.into(),
        database: store::Settings::new(Location::Sqlite(database.to_owned())),
        nats: nats::Settings {
            urls: vec![nats.to_owned()],
            ..rating_service::Config::default().nats
        },
        ..rating_service::Config::default()
    };
    let observer = die.map(|(stage, passage)| {
        let fuse = Fuse {
            stage: observed(stage),
            left: AtomicU32::new(passage),
        };
        Arc::new(fuse) as Arc<dyn Observer>
    });
    run(|shutdown| async {
        rating_service::run(config, observer, shutdown)
            .await
            .map_err(Error::child("serve as the worker"))
    })
}

/// Kills its own process when a stage was reached often enough.
struct Fuse {
    stage: worker::Stage,
    left: AtomicU32,
}

impl Observer for Fuse {
    fn reached(&self, stage: worker::Stage, _: &Delivery) {
        if stage == self.stage && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            // The kernel takes it from here: not one more instruction of this process is run on purpose.
            kill_process(getpid(), Signal::KILL).ok();
        }
    }
}

/// The worker's own name of a stage.
fn observed(stage: Stage) -> worker::Stage {
    match stage {
        Stage::BeforeTransaction => worker::Stage::Received,
        Stage::AfterCommit => worker::Stage::Handled,
        Stage::AfterReply => worker::Stage::Replied,
        Stage::BeforeAck => worker::Stage::Acking,
    }
}

/// As the programs themselves do: logging, signals, a runtime.
fn run<F>(serve: impl FnOnce(Shutdown) -> F) -> Result<ExitCode, Error>
where
    F: Future<Output = Result<(), Error>>,
{
    let settings = telemetry::Settings {
        filter: Some("warn".into()),
        ..telemetry::Settings::default()
    };
    let _guard = telemetry::init(&settings, None).map_err(Error::child("log"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Program)?;
    runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown
            .watch_signals(std::time::Duration::from_secs(25))
            .map_err(Error::Program)?;
        serve(shutdown.clone()).await?;
        Ok(shutdown.finished().await.exit_code())
    })
}
