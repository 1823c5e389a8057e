//! The API server: whether it is ready.

use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;

use super::Cluster;
use super::error::{brief, is_refused};
use super::reporter::Reporter;

/// How often a server that refuses connections is asked: that costs nothing.
const POLL_REFUSED: Duration = Duration::from_millis(25);
/// How often a server that is starting is asked.
const POLL_STARTING: Duration = Duration::from_millis(50);
/// How long the first answer may take, and any. The engine's port proxy accepts before anybody listens behind it, and a packet lost in
/// a network that is just being made is sent again only after a second: a new connection is faster.
const ANSWER_WITHIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));
/// Bytes of a failing `/readyz` that are read.
const ANSWER_LIMIT: usize = 16 * 1024;

/// Failing checks of `/readyz` that are named.
const CHECKS_SHOWN: usize = 3;

impl Cluster {
    /// Asks `/readyz` once.
    ///
    /// # Errors
    /// With the reason, in a few words, when the API server is not ready, or has not answered within `limit`.
    pub async fn probe_api(&self, limit: Duration) -> Result<(), String> {
        let answer = tokio::time::timeout(limit, self.ask_readyz()).await;
        let unanswered = || format!("no answer within {} ms", limit.as_millis());
        answer
            .unwrap_or_else(|_| Err(Unready::other(unanswered())))
            .map_err(|unready| unready.reason)
    }

    /// Waits until `/readyz` says yes.
    pub async fn api_ready(&self, report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let mut limit = ANSWER_WITHIN.0;
        loop {
            match tokio::time::timeout(limit, self.ask_readyz()).await {
                Ok(Ok(())) => return,
                Ok(Err(unready)) => {
                    reporter.say(&unready.reason);
                    limit = ANSWER_WITHIN.0;
                    tokio::time::sleep(if unready.refused {
                        POLL_REFUSED
                    } else {
                        POLL_STARTING
                    })
                    .await;
                }
                Err(_) => {
                    reporter.say("the API server does not answer");
                    limit = (limit * 2).min(ANSWER_WITHIN.1);
                }
            }
        }
    }

    async fn ask_readyz(&self) -> Result<(), Unready> {
        let request = Request::get("/readyz?verbose").body(Body::empty());
        let request = request.map_err(|error| Unready::other(error.to_string()))?;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| Unready::of(&error))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(());
        }
        let body = Limited::new(response.into_body(), ANSWER_LIMIT);
        let body = body.collect().await;
        let body = body.map_or_else(|_| Vec::new(), |body| body.to_bytes().to_vec());
        Err(Unready::other(complaint(status, &String::from_utf8_lossy(&body))))
    }
}

/// Why the API server is not ready.
struct Unready {
    reason: String,
    refused: bool,
}

impl Unready {
    fn other(reason: String) -> Self {
        let refused = false;
        Self { reason, refused }
    }

    fn of(error: &kube::Error) -> Self {
        Self {
            reason: brief(error),
            refused: is_refused(error),
        }
    }
}

/// What of a verbose `/readyz` is not ok; the lines of failing checks begin with `[-]`.
fn complaint(status: StatusCode, body: &str) -> String {
    let checks = body
        .lines()
        .filter_map(|line| line.strip_prefix("[-]")?.split_whitespace().next());
    let checks: Vec<&str> = checks.collect();
    if checks.is_empty() {
        return format!("the API server answers {status}");
    }
    let shown = checks[..checks.len().min(CHECKS_SHOWN)].join(", ");
    match checks.len().saturating_sub(CHECKS_SHOWN) {
        0 => format!("the API server is starting: {shown}"),
        more => format!("the API server is starting: {shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_starting_says_what_is_missing() {
        let body = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac/bootstrap-roles failed: reason\nreadyz check failed\n";
        let complaint = complaint(StatusCode::INTERNAL_SERVER_ERROR, body);
        assert_eq!(
            complaint,
            "the API server is starting: etcd, poststarthook/rbac/bootstrap-roles"
        );
    }

    #[test]
    fn a_server_that_says_nothing_is_quoted_by_its_status() {
        let answer = complaint(StatusCode::UNAUTHORIZED, "{}");
        assert_eq!(answer, "the API server answers 401 Unauthorized");
    }
}
