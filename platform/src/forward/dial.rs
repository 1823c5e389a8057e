//! From the wish for a connection to a websocket that leads into a pod.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Resource as _;
use kube::core::Request;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;

use super::backends::{Backend, Backends};
use crate::kubernetes::Cluster;
use crate::kubernetes::error::brief;

/// How long the API server may take to connect to a pod.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The pause before the same pod is tried again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(400));

/// A websocket to one port of one pod.
pub(super) type Socket = WebSocketStream<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>>;

/// The way to the pods, shared by all connections.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) backends: watch::Receiver<Backends>,
    pub(super) again: Arc<Notify>,
}

/// What one connection has tried: pods that did not take it rest for a while.
pub(super) struct Attempts {
    deadline: Instant,
    resting: Vec<(Backend, Instant, Duration)>,
    /// Why the last one failed.
    reason: Option<String>,
}

impl Attempts {
    /// None yet; the last is made before `hold` is over.
    pub(super) fn within(hold: Duration) -> Self {
        Self {
            deadline: Instant::now() + hold,
            resting: Vec::new(),
            reason: None,
        }
    }

    /// Lets a pod rest that did not take the connection.
    pub(super) fn failed(&mut self, backend: &Backend, reason: &str) {
        self.reason = Some(format!("{}: {reason}", backend.pod));
        let known = self.resting.iter_mut().find(|(known, ..)| known == backend);
        if let Some((_, until, pause)) = known {
            *pause = (*pause * 2).min(PAUSES.1);
            *until = Instant::now() + *pause;
        } else {
            let until = Instant::now() + PAUSES.0;
            self.resting.push((backend.clone(), until, PAUSES.0));
        }
    }

    /// The first that does not rest; otherwise when one has rested.
    fn choose(&self, ready: &[Backend]) -> Result<Backend, Instant> {
        let now = Instant::now();
        let mut next = self.deadline;
        for backend in ready {
            match self.resting.iter().find(|(known, ..)| known == backend) {
                Some((_, until, _)) if *until > now => next = next.min(*until),
                _ => return Ok(backend.clone()),
            }
        }
        Err(next)
    }
}

impl Route {
    /// A websocket to the newest ready pod that takes one; waits for it.
    ///
    /// # Errors
    /// With the reason, when there was none in time.
    pub(super) async fn dial(&mut self, attempts: &mut Attempts) -> Result<(Socket, Backend), String> {
        loop {
            let (choice, why) = {
                let backends = self.backends.borrow_and_update();
                (attempts.choose(&backends.ready), backends.why.clone())
            };
            let rested = match choice {
                Ok(backend) => match self.connect(&backend).await {
                    Ok(socket) => return Ok((socket, backend)),
                    Err(reason) => {
                        attempts.failed(&backend, &reason);
                        self.again.notify_one();
                        continue;
                    }
                },
                Err(rested) => rested,
            };
            if Instant::now() >= attempts.deadline {
                let failed = attempts.reason.take();
                let unknown = || "the cluster has not said which pods there are".to_owned();
                return Err(Some(why)
                    .filter(|why| !why.is_empty())
                    .or(failed)
                    .unwrap_or_else(unknown));
            }
            tokio::select! {
                // The sender lives as long as the forward.
                _ = self.backends.changed() => {}
                () = tokio::time::sleep_until(rested) => {}
            }
        }
    }

    async fn connect(&self, backend: &Backend) -> Result<Socket, String> {
        let request = Request::new(Pod::url_path(&(), Some(&self.namespace)));
        let request = request.portforward(&backend.pod, &[backend.port]);
        let request = request.map_err(|error| error.to_string())?;
        let connection = self.cluster.client().connect(request);
        match tokio::time::timeout(CONNECT_WITHIN, connection).await {
            Ok(Ok(connection)) => Ok(connection.into_stream()),
            Ok(Err(error)) => Err(brief(&error)),
            Err(_) => Err(format!("no connection within {} s", CONNECT_WITHIN.as_secs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(pod: &str) -> Backend {
        Backend {
            pod: pod.to_owned(),
            uid: pod.to_owned(),
            port: 80,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pod_that_takes_no_connection_rests_longer_each_time_while_others_are_tried() {
        let mut attempts = Attempts::within(Duration::from_secs(30));
        let (a, b) = (backend("a"), backend("b"));
        let ready = [a.clone(), b.clone()];
        assert_eq!(attempts.choose(&ready), Ok(a.clone()));
        attempts.failed(&a, "refused");
        assert_eq!(attempts.choose(&ready), Ok(b.clone()));
        attempts.failed(&b, "refused");
        let rested = attempts.choose(&ready).unwrap_err();
        assert_eq!(rested, Instant::now() + PAUSES.0);
        tokio::time::sleep_until(rested).await;
        assert_eq!(attempts.choose(&ready), Ok(a.clone()));
        attempts.failed(&a, "refused");
        attempts.failed(&b, "refused");
        assert_eq!(attempts.choose(&ready), Err(Instant::now() + PAUSES.0 * 2));
    }
}
