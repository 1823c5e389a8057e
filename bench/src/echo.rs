//! The echo worker: answers every request with its own body, and nothing else is to be measured.

use contract::envelope::{Reply, Request};
use contract::subject::Codec;
use http::StatusCode;
use runtime::lifecycle::Shutdown;
use runtime::nats;
use runtime::worker::{Context, Handler, Outcome, Settings, Worker};

use crate::{Error, sample};

/// Requests handled at once: more than any load has under way, so that the worker never makes one wait.
const SLOTS: usize = 1024;

struct Echo;

impl Handler for Echo {
    async fn handle(&self, request: Request, _: Context) -> Outcome {
        Outcome::Reply(Reply {
            status: StatusCode::OK,
            headers: sample::answer_headers(),
            body: request.body,
        })
    }
}

/// Runs until SIGTERM. One thread is enough, and keeps a message on the core it came to.
///
/// # Errors
///
/// When the settings are refused; a server that cannot be reached is no error.
pub fn run(url: &str) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(async {
        let settings = nats::Settings {
            urls: vec![url.to_owned()],
            ..nats::Settings::default()
        };
        let connection = nats::connect(&settings)
            .await
            .map_err(Error::nats("connect the echo worker"))?;
        let settings = Settings {
            slots: SLOTS,
            ..Settings::new("REQUESTS", "rating-service")
        };
        let codec = Codec::new("api").expect("the system's prefix is valid");
        let worker =
            Worker::new(connection, codec, settings, Echo).map_err(Error::nats("set the echo worker up"))?;
        let shutdown = Shutdown::new();
        shutdown
            .watch_signals(std::time::Duration::from_secs(5))
            .map_err(Error::Runtime)?;
        worker.run(&shutdown).await;
        Ok(())
    })
}
