//! Taking messages back whose client has gone.
//!
//! A message that nobody waits for is work for nothing; deleting it from the stream before a worker pulls it spares that.
//! It is an economy, not a duty: when too many clients leave at once, the rest is left to its time to live.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// Removals waiting to be sent, at most.
const QUEUE: usize = 1024;

/// A message that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    /// Name of the stream.
    pub(crate) stream: Arc<str>,
    /// Sequence in it.
    pub(crate) sequence: u64,
}

/// Takes removals in; the receiving end is what [`run`] works off.
#[derive(Clone, Debug)]
pub(crate) struct Removals(mpsc::Sender<Removal>);

impl Removals {
    /// A queue and its end.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Removal>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Queues a removal; `false` if too many wait already.
    pub(crate) fn request(&self, removal: Removal) -> bool {
        self.0.try_send(removal).is_ok()
    }
}

/// Sends queued removals, at most `per_second`, until the other end of the queue is gone. What the stream says to
/// each comes to `confirm_to`.
pub(crate) async fn run(
    client: Client,
    mut queue: mpsc::Receiver<Removal>,
    per_second: u32,
    confirm_to: String,
) {
    let mut pace = interval(Duration::from_secs(1) / per_second.max(1));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(removal) = queue.recv().await {
        pace.tick().await;
        let subject = format!("$JS.API.STREAM.MSG.DELETE.{}", removal.stream);
        let payload = format!(r#"{{"seq":{},"no_erase":true}}"#, removal.sequence);
        if let Err(error) = client
            .publish_with_reply(subject, confirm_to.clone(), payload.into())
            .await
        {
            tracing::debug!(%error, sequence = removal.sequence, "a removal could not be sent");
        }
    }
}

/// Whether the stream has removed a message; not if a worker was faster.
pub(crate) fn succeeded(payload: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Response {
        #[serde(default)]
        success: bool,
    }
    serde_json::from_slice::<Response>(payload).is_ok_and(|response| response.success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_takes_no_more() {
        let (removals, _receiver) = Removals::new();
        let removal = Removal {
            stream: "R".into(),
            sequence: 1,
        };
        let taken = (0..QUEUE + 10)
            .filter(|_| removals.request(removal.clone()))
            .count();
        assert_eq!(taken, QUEUE);
    }

    #[test]
    fn only_a_plain_success_counts() {
        assert!(succeeded(
            br#"{"type":"io.nats.jetstream.api.v1.stream_msg_delete_response","success":true}"#
        ));
        assert!(!succeeded(
            br#"{"error":{"code":404,"err_code":10037,"description":"no message found"}}"#
        ));
        assert!(!succeeded(b"nonsense"));
    }
}
