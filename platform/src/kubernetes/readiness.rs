//! Waiting until a cluster is usable, each wait for as long as its caller lets it: they end when it is so, and are dropped otherwise.

use std::time::Duration;

use http::{Request, StatusCode};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Node, Pod, ServiceAccount};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::Api;
use kube::client::Body;
use kube::runtime::watcher::Config;

use super::error::{brief, is_refused};
use super::watched::Watched;
use super::{Cluster, dns, nodes, text};

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

/// Tells a reason when it is another than before.
struct Reporter<F> {
    report: F,
    last: String,
}

impl<F: FnMut(String)> Reporter<F> {
    fn new(report: F) -> Self {
        let last = String::new();
        Self { report, last }
    }

    fn say(&mut self, reason: &str) {
        let reason = text::line(reason);
        if self.last != reason {
            self.last.clone_from(&reason);
            (self.report)(reason);
        }
    }
}

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

    /// Waits until each of these nodes is Ready, and has said so since it was [started](Cluster::started). Without
    /// names: until all that there are, at least one, are.
    pub async fn nodes_ready(&self, names: &[String], report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let mut nodes = Watched::new(Api::<Node>::all(self.client.clone()), Config::default());
        loop {
            nodes.changed().await;
            let waiting = nodes
                .objects()
                .map(|nodes| nodes::unready(names, nodes, &self.starts));
            if waiting == Some(None) && nodes.failure().is_none() {
                return;
            }
            let reason = nodes.failure().map(unanswered).or(waiting.flatten());
            reporter.say(&reason.unwrap_or_else(|| "the nodes are not known yet".to_owned()));
        }
    }

    /// Waits until the cluster's DNS serves: a ready pod of `CoreDNS`, started since its node [was](Cluster::started), is
    /// published as an endpoint of the Service `kube-dns`.
    pub async fn dns_ready(&self, report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let client = || self.client.clone();
        let mut deployments = Watched::new(
            Api::<Deployment>::namespaced(client(), dns::NAMESPACE),
            Config::default().fields("metadata.name=coredns"),
        );
        let mut pods = Watched::new(
            Api::<Pod>::namespaced(client(), dns::NAMESPACE),
            Config::default().labels("k8s-app=kube-dns"),
        );
        let mut slices = Watched::new(
            Api::<EndpointSlice>::namespaced(client(), dns::NAMESPACE),
            Config::default().labels("kubernetes.io/service-name=kube-dns"),
        );
        loop {
            tokio::select! {
                () = deployments.changed() => {}
                () = pods.changed() => {}
                () = slices.changed() => {}
            }
            let failure = deployments.failure().or(pods.failure()).or(slices.failure());
            let waiting = match (deployments.objects(), pods.objects(), slices.objects()) {
                (Some(deployments), Some(pods), Some(slices)) => {
                    dns::unready(deployments.get("coredns"), pods, slices, &self.starts)
                }
                _ => Some("the state of CoreDNS is not known yet".to_owned()),
            };
            match (failure, waiting) {
                (None, None) => return,
                (Some(failure), _) => reporter.say(&unanswered(failure)),
                (None, Some(reason)) => reporter.say(&reason),
            }
        }
    }

    /// Waits until the `ServiceAccount` `default` of the namespace `default` is there, without which no pod can be made.
    pub async fn service_account(&self, report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let api = Api::<ServiceAccount>::namespaced(self.client.clone(), "default");
        let mut accounts = Watched::new(api, Config::default().fields("metadata.name=default"));
        loop {
            accounts.changed().await;
            if accounts
                .objects()
                .is_some_and(|accounts| accounts.contains_key("default"))
            {
                return;
            }
            let reason = accounts.failure().map(unanswered);
            reporter
                .say(&reason.unwrap_or_else(|| "ServiceAccount default/default is not there yet".to_owned()));
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
        let body = http_body_util::Limited::new(response.into_body(), ANSWER_LIMIT);
        let body = http_body_util::BodyExt::collect(body).await;
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

fn unanswered(failure: &str) -> String {
    format!("the API server does not answer: {failure}")
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

    #[test]
    fn a_reason_is_told_once_until_it_changes() {
        let mut told = Vec::new();
        let mut reporter = Reporter::new(|reason| told.push(reason));
        for reason in ["a", "a", "b\u{1b}[0m\n", "a"] {
            reporter.say(reason);
        }
        assert_eq!(told, ["a", "b", "a"]);
    }
}
