//! The listener for operators: `/livez`, `/readyz`, `/metrics`.
//!
//! | path | answer |
//! |---|---|
//! | `/livez` | 200 as long as the process can answer at all |
//! | `/readyz` | 200 when every check is met and no stop has begun, else 503; the body lists each check and its reason |
//! | `/metrics` | everything counted, in the `OpenMetrics` text format |
//!
//! Other paths are 404, other methods than GET and HEAD 405. The listener answers through the whole drain, so that
//! `/readyz` can say that the process is stopping; it ends when its [`Running`] is dropped.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use runtime::{admin::{self, Readiness}, http::Listener, lifecycle::Shutdown, metrics::Metrics};
//! let shutdown = Shutdown::new();
//! let readiness = Readiness::new(&shutdown);
//! let nats = readiness.check("nats"); // not ready, "starting"
//! let listener = Listener::bind("127.0.0.1:9090".parse()?)?;
//! let _admin = admin::start(listener, readiness.clone(), Metrics::with_process());
//! nats.not_ready("no connection to nats://localhost:4222 yet");
//! nats.ready();
//! # Ok(())
//! # }
//! ```

mod readiness;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    http::{self as server, Listener, Peer, Request, Response, Service, Settings},
    lifecycle::Shutdown,
    metrics::{self, Metrics},
};
pub use readiness::{Check, Readiness, Report, State};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Probes and scrapers are few; more is a mistake or an attack.
const MAX_CONNECTIONS: usize = 100;

/// A running admin listener; dropping it closes the listener.
#[derive(Debug)]
#[must_use = "dropping it closes the listener"]
pub struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves the admin paths on the current runtime until the answer is dropped.
pub fn start(listener: Listener, readiness: Readiness, metrics: Metrics) -> Running {
    let settings = Settings {
        max_connections: MAX_CONNECTIONS,
        ..Settings::default()
    };
    let service = Admin { readiness, metrics };
    Running(tokio::spawn(async move {
        let address = listener.local_addr();
        // Its own stop: nobody pulls it, the task is dropped.
        if let Err(error) = server::serve(listener, settings, service, Shutdown::new()).await {
            tracing::error!(%error, %address, "the admin listener ended");
        }
    }))
}

/// The admin paths as a service, to serve beside others.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Behind `/readyz`.
    pub readiness: Readiness,
    /// Behind `/metrics`.
    pub metrics: Metrics,
}

impl Service for Admin {
    type Body = Full<Bytes>;

    async fn call(&self, request: Request, _: Peer) -> Response<Full<Bytes>> {
        let mut response = self.respond(request.method(), request.uri().path());
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl Admin {
    /// The answer to a request of this method and path. (The server leaves out the body for HEAD.)
    fn respond(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        let (status, media_type, body) = match path {
            "/livez" | "/readyz" | "/metrics" if ![Method::GET, Method::HEAD].contains(method) => {
                let mut response = problem(
                    StatusCode::METHOD_NOT_ALLOWED,
                    &format!("{path} can only be read"),
                );
                response
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                return response;
            }
            "/livez" => (StatusCode::OK, JSON, json!({"status": "alive"}).to_string()),
            "/readyz" => {
                let report = self.readiness.report();
                let status = if report.ready {
                    StatusCode::OK
                } else {
                    StatusCode::SERVICE_UNAVAILABLE
                };
                (status, JSON, json!(report).to_string())
            }
            "/metrics" => (
                StatusCode::OK,
                HeaderValue::from_static(metrics::MEDIA_TYPE),
                self.metrics.encode(),
            ),
            _ => return problem(StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics"),
        };
        answer(status, media_type, body)
    }
}

fn problem(status: StatusCode, detail: &str) -> Response<Full<Bytes>> {
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    answer(status, PROBLEM, body.to_string())
}

fn answer(status: StatusCode, media_type: HeaderValue, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
