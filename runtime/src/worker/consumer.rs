//! Finding the consumer: what the worker must know of it, and what to do when it is not there.

use std::convert::Infallible;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use bytes::Bytes;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;
use tokio::time::Instant;

use super::clock::Offset;
use super::settings::{LOOK_AGAIN, SERVER_ANSWERS_WITHIN};
use super::{Readiness, Settings, Shared};
use crate::lifecycle::Shutdown;
use crate::nats::{Connection, Phase};

/// JetStream's error codes for what is missing.
const STREAM_NOT_FOUND: u64 = 10059;
const CONSUMER_NOT_FOUND: u64 = 10014;
/// Assumed of a server that does not say: its own default.
const DEFAULT_ACK_WAIT: Duration = Duration::from_secs(30);

/// What a worker must know of its consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// How long a delivered message may stay unacknowledged.
    pub(super) ack_wait: Duration,
    /// How often a message is delivered at most; `None` without limit.
    pub(super) max_deliver: Option<u64>,
    /// The longest batch of one pull.
    pub(super) longest_batch: usize,
    /// The longest time one pull may wait.
    pub(super) longest_pull: Option<Duration>,
    /// The server's clock.
    pub(super) clock: Offset,
}

#[derive(Deserialize)]
struct Info {
    error: Option<ApiError>,
    config: Option<Config>,
    ts: Option<String>,
}

#[derive(Deserialize)]
struct ApiError {
    err_code: u64,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Config {
    deliver_subject: Option<String>,
    ack_policy: Option<String>,
    ack_wait: Option<u64>,
    max_deliver: Option<i64>,
    max_batch: Option<usize>,
    max_expires: Option<u64>,
}

/// Looks for the consumer until it is there; `None` when the stop begins first. Pauses after `failures` failures.
pub(super) async fn wait_for<H>(
    shared: &Shared<H>,
    shutdown: &Shutdown,
    failures: &mut u32,
) -> Option<Found> {
    let search = async {
        loop {
            tokio::time::sleep(LOOK_AGAIN.after(*failures)).await;
            wait_for_connection(shared).await;
            match look_up(&shared.connection, &shared.settings).await {
                Ok(found) => return found,
                Err(reason) => {
                    *failures += 1;
                    shared.set_readiness(Readiness::NotReady(reason));
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = shutdown.draining() => None,
        found = search => Some(found),
    }
}

/// Looks at the consumer now and then while it is pulled from: its limits may be changed, and either clock may be set.
pub(super) async fn keep_fresh<H>(shared: &Shared<H>, found: &watch::Sender<Found>) -> Infallible {
    loop {
        tokio::time::sleep(shared.settings.refresh).await;
        // What makes this fail makes pulling fail too, and there it is handled.
        if let Ok(fresh) = look_up(&shared.connection, &shared.settings).await {
            found.send_replace(fresh);
        }
    }
}

async fn wait_for_connection<H>(shared: &Shared<H>) {
    let mut state = shared.connection.state();
    while let Some(trouble) = shared.connection.trouble() {
        shared.set_readiness(Readiness::NotReady(trouble));
        let connected = state.borrow_and_update().phase == Phase::Connected;
        // The state is told by messages and can lag behind the connection itself.
        let patience = if connected {
            Duration::from_millis(20)
        } else {
            Duration::from_secs(1)
        };
        drop(tokio::time::timeout(patience, state.changed()).await);
    }
}

async fn look_up(connection: &Connection, settings: &Settings) -> Result<Found, String> {
    let Settings { stream, consumer, .. } = settings;
    let request = async_nats::Request::new()
        .payload(Bytes::new())
        // An inbox of its own is given back when no answer comes.
        .inbox(connection.new_inbox())
        .timeout(Some(SERVER_ANSWERS_WITHIN));
    let asked = Instant::now();
    let subject = format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}");
    let answer = match connection.client().send_request(subject, request).await {
        Ok(answer) => answer.payload,
        Err(error) if error.kind() == RequestErrorKind::NoResponders => {
            return Err("the NATS server has no JetStream here; start it with JetStream enabled".to_owned());
        }
        Err(error) => {
            // A missing permission shows only as silence here, and as an error of the connection.
            let said = connection
                .state()
                .borrow()
                .why
                .clone()
                .map(|why| format!("; NATS reports: {why}"));
            let said = said.unwrap_or_default();
            return Err(format!(
                "cannot ask for consumer {consumer} of stream {stream}: {error}{said}"
            ));
        }
    };
    let round_trip = asked.elapsed();
    let info: Info = serde_json::from_slice(&answer)
        .map_err(|error| format!("cannot read the server's answer about consumer {consumer}: {error}"))?;
    info.judge(settings, round_trip)
}

impl Info {
    fn judge(self, settings: &Settings, round_trip: Duration) -> Result<Found, String> {
        let Settings { stream, consumer, .. } = settings;
        if let Some(error) = self.error {
            return Err(match error.err_code {
                STREAM_NOT_FOUND => {
                    format!("stream {stream} does not exist; create it with `ratectl streams apply`")
                }
                CONSUMER_NOT_FOUND => format!(
                    "stream {stream} has no consumer {consumer}; create it with `ratectl streams apply`"
                ),
                code => format!(
                    "consumer {consumer} of stream {stream}: {} ({code})",
                    error.description
                ),
            });
        }
        let config = self
            .config
            .ok_or_else(|| format!("the server does not describe consumer {consumer}"))?;
        let is_pull = config.deliver_subject.is_none_or(|subject| subject.is_empty());
        if !is_pull || config.ack_policy.as_deref() != Some("explicit") {
            return Err(format!(
                "consumer {consumer} of stream {stream} must be a pull consumer with explicit acknowledgement; \
                 delete it, then `ratectl streams apply`"
            ));
        }
        let server_time = self
            .ts
            .and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok());
        Ok(Found {
            ack_wait: config.ack_wait.map_or(DEFAULT_ACK_WAIT, Duration::from_nanos),
            max_deliver: config
                .max_deliver
                .and_then(|times| u64::try_from(times).ok())
                .filter(|times| *times > 0),
            longest_batch: config.max_batch.filter(|batch| *batch > 0).unwrap_or(usize::MAX),
            longest_pull: config
                .max_expires
                .filter(|nanos| *nanos > 0)
                .map(Duration::from_nanos),
            clock: server_time.map_or_else(Offset::default, |time| {
                Offset::measured(time.unix_timestamp_nanos(), round_trip)
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use test_case::test_case;

    use super::{Info, Settings};

    fn judge(json: &str) -> Result<super::Found, String> {
        let info: Info = serde_json::from_str(json).unwrap();
        info.judge(&Settings::new("REQUESTS", "worker"), Duration::ZERO)
    }

    #[test_case(
        r#"{"error":{"code":404,"err_code":10059}}"#,
        "stream REQUESTS does not exist; create it with `ratectl streams apply`"
    )]
    #[test_case(
        r#"{"error":{"code":404,"err_code":10014}}"#,
        "has no consumer worker; create it with `ratectl streams apply`"
    )]
    #[test_case(
        r#"{"error":{"err_code":10039,"description":"jetstream not enabled for account"}}"#,
        "not enabled for account (10039)"
    )]
    #[test_case(r#"{"config":{"ack_policy":"none"}}"#, "explicit acknowledgement")]
    #[test_case(
        r#"{"config":{"ack_policy":"explicit","deliver_subject":"x"}}"#,
        "must be a pull consumer"
    )]
    fn what_is_wrong_is_said_with_what_helps(json: &str, expected: &str) {
        let reason = judge(json).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    }

    #[test]
    fn limits_are_read_and_no_limit_is_none() {
        let found = judge(
            r#"{"config":{"ack_policy":"explicit","ack_wait":5000000000,"max_deliver":4,"max_batch":10,
                "max_expires":7000000000},"ts":"2026-01-01T00:00:00Z"}"#,
        )
        .unwrap();
        assert_eq!(
            (found.ack_wait.as_secs(), found.max_deliver, found.longest_batch),
            (5, Some(4), 10)
        );
        assert_eq!(found.longest_pull, Some(Duration::from_secs(7)));
        let found = judge(r#"{"config":{"ack_policy":"explicit","max_deliver":-1}}"#).unwrap();
        assert_eq!(
            (found.max_deliver, found.longest_batch, found.longest_pull),
            (None, usize::MAX, None)
        );
    }
}
