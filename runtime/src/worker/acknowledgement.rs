//! What a worker tells the server about a delivered message (ADR-15, client's side).

use std::time::Duration;

use async_nats::{Client, Request, Subject};
use bytes::Bytes;

use super::settings::SERVER_ANSWERS_WITHIN;

/// Longest reason of a termination in characters; it travels in an advisory.
const MAX_REASON_CHARACTERS: usize = 200;

/// The fate of a delivered message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Acknowledgement {
    /// Done: out of the work queue.
    Done,
    /// Still at it: do not deliver again yet.
    InProgress,
    /// Deliver again after this time.
    Again(Duration),
    /// Never deliver again: out of the work queue.
    Terminated(String),
}

impl Acknowledgement {
    fn payload(&self) -> Bytes {
        match self {
            Self::Done => Bytes::from_static(b"+ACK"),
            Self::InProgress => Bytes::from_static(b"+WPI"),
            Self::Again(Duration::ZERO) => Bytes::from_static(b"-NAK"),
            Self::Again(delay) => format!("-NAK {{\"delay\":{}}}", delay.as_nanos()).into(),
            Self::Terminated(reason) => {
                let printable = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
                let reason: String = printable.take(MAX_REASON_CHARACTERS).collect();
                format!("+TERM {reason}").into()
            }
        }
    }

    /// Sends it without waiting for the server.
    pub(super) async fn send(
        &self,
        client: &Client,
        subject: &Subject,
    ) -> Result<(), async_nats::PublishError> {
        client.publish(subject.clone(), self.payload()).await
    }

    /// Sends it and waits until the server has taken it down.
    pub(super) async fn confirm(
        &self,
        client: &Client,
        subject: &Subject,
    ) -> Result<(), async_nats::RequestError> {
        let request = Request::new()
            .payload(self.payload())
            .timeout(Some(SERVER_ANSWERS_WITHIN));
        client.send_request(subject.clone(), request).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Acknowledgement;

    #[test]
    fn each_is_written_as_the_server_reads_it() {
        let written = [
            (Acknowledgement::Done, "+ACK"),
            (Acknowledgement::InProgress, "+WPI"),
            (Acknowledgement::Again(Duration::ZERO), "-NAK"),
            (
                Acknowledgement::Again(Duration::from_millis(2)),
                r#"-NAK {"delay":2000000}"#,
            ),
            (
                Acknowledgement::Terminated("too\r\nbad".to_owned()),
                "+TERM too  bad",
            ),
        ];
        for (acknowledgement, expected) in written {
            assert_eq!(acknowledgement.payload(), expected);
        }
    }
}
