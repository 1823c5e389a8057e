//! What is done for keys besides showing: payloads, and changes that were confirmed.

use std::time::Duration;

use platform::observe::{self, Nats};
use snapshot::{
    ConsumerKey,
    sample::{Position, Query},
};

use tokio::sync::mpsc;

use super::{cluster::InCluster, dead, way::Found};
use crate::{
    error::Error,
    top::{Answer, Coming, Hands, Item, Logs, Preview},
};

/// Bytes of a payload that are shown.
const SHOWN: usize = 1024;
/// Bytes in a line of a payload that is no text.
const LINE: usize = 16;
/// How long a consumer is paused.
const PAUSE: Duration = Duration::from_hours(1);

/// Hands that reach a server.
pub(super) struct Reaching {
    /// The server.
    pub(super) server: Found,
    /// The profile, where it is protected: nothing is done to it without its name on the command line.
    pub(super) protected: Option<String>,
    /// The profile's cluster, where there is one.
    pub(super) cluster: Option<InCluster>,
}

impl Hands for Reaching {
    fn payload(&self, key: ConsumerKey, seq: u64) -> Answer {
        let server = self.server.borrow().clone();
        Box::pin(async move {
            let Some(server) = server else {
                return "there is no way to the server".to_owned();
            };
            let query = Query {
                account: key.account,
                stream: key.stream,
                consumer: key.consumer,
                position: Position::Next,
                seq,
                filter_subjects: Vec::new(),
                direct: false,
            };
            match observe::payload(&server, &query, SHOWN).await {
                Ok(Some(payload)) => shown(&payload.bytes, payload.message.payload_bytes),
                Ok(None) => "the message is not there any more".to_owned(),
                Err(why) => format!("it cannot be had: {why}"),
            }
        })
    }

    fn act(&self, item: Item) -> Answer {
        let (server, cluster) = (self.server.borrow().clone(), self.cluster.clone());
        Box::pin(async move {
            let outcome = match (of_cluster(&item), cluster, server) {
                (true, Some(cluster), _) => Box::pin(cluster.perform(&item)).await,
                (true, None, _) => return NO_CLUSTER.to_owned(),
                (false, _, Some(server)) => perform(&server, &item).await,
                (false, _, None) => return NO_SERVER.to_owned(),
            };
            outcome.unwrap_or_else(|error| in_words(&error))
        })
    }

    fn preview(&self, item: Item) -> Coming<Preview> {
        let server = self.server.borrow().clone();
        Box::pin(async move {
            let server = server.ok_or_else(|| NO_SERVER.to_owned())?;
            match item {
                Item::SendAgain { stream, messages, .. } => {
                    let looked = dead::look(&server, stream, messages).await;
                    looked.map_err(|error| in_words(&error))?
                }
                item => Ok((item, Vec::new())),
            }
        })
    }

    fn logs(&self, logs: Logs) -> mpsc::Receiver<String> {
        if let Some(cluster) = &self.cluster {
            return cluster.logs(logs);
        }
        let (sender, lines) = mpsc::channel(1);
        drop(sender.try_send(NO_CLUSTER.to_owned()));
        lines
    }

    fn forwards(&self) -> Vec<String> {
        self.cluster.as_ref().map(InCluster::forwards).unwrap_or_default()
    }

    fn refuses(&self, item: &Item) -> Option<String> {
        let name = self.protected.as_ref().filter(|_| item.changes())?;
        Some(format!(
            "profile {name} is protected: start top with --confirm={name} to change it"
        ))
    }
}

const NO_SERVER: &str = "there is no way to the server";
const NO_CLUSTER: &str = "that needs the cluster of a profile: start top with --profile";

fn in_words(error: &Error) -> String {
    let causes = std::iter::once(error.to_string()).chain(error.causes());
    causes.collect::<Vec<_>>().join(": ")
}

fn of_cluster(item: &Item) -> bool {
    matches!(
        item,
        Item::Restart(_) | Item::Scale { .. } | Item::Forward(_) | Item::EndForward(_) | Item::Logs(_)
    )
}

async fn perform(server: &Nats, item: &Item) -> Result<String, Error> {
    let jetstream = server.jetstream().await?;
    Ok(match item {
        Item::Pause(target) => {
            jetstream
                .pause_consumer(&target.stream, &target.consumer, PAUSE)
                .await?;
            format!("{target} is paused for an hour")
        }
        Item::Resume(target) => {
            jetstream
                .resume_consumer(&target.stream, &target.consumer)
                .await?;
            format!("{target} goes on")
        }
        Item::DeleteConsumer(target) => {
            jetstream
                .delete_consumer(&target.stream, &target.consumer)
                .await?;
            format!("{target} is deleted")
        }
        Item::Purge { stream, .. } => {
            let purged = jetstream.purge_stream(stream).await?;
            format!("{purged} messages of {stream} are deleted")
        }
        Item::SendAgain {
            stream, sequences, ..
        } => dead::told(&jetstream.send_again(stream, sequences).await?),
        Item::Restart(_) | Item::Scale { .. } | Item::Forward(_) | Item::EndForward(_) | Item::Logs(_) => {
            NO_CLUSTER.to_owned()
        }
    })
}

/// A payload as text if it is some, else as bytes in hexadecimal; control characters are made harmless where it is drawn.
fn shown(bytes: &[u8], size: u64) -> String {
    let text = std::str::from_utf8(bytes).or_else(|error| {
        // The end of what was cut may be half a character.
        std::str::from_utf8(&bytes[..error.valid_up_to()]).map_err(|_| error)
    });
    let whole = u64::try_from(bytes.len()).is_ok_and(|shown| shown >= size);
    let more = if whole {
        String::new()
    } else {
        format!("\n({size} bytes in all)")
    };
    match text {
        Ok(text) if text.len() + 4 > bytes.len() && !text.contains('\0') => format!("{text}{more}"),
        _ => bytes.chunks(LINE).map(hex).collect::<Vec<_>>().join("\n") + &more,
    }
}

fn hex(bytes: &[u8]) -> String {
    let numbers: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let letters: String = bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_graphic() {
                char::from(*byte)
            } else {
                '.'
            }
        })
        .collect();
    format!("{:<48}{letters}", numbers.join(" "))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(b"{\"a\": 1}", 8 => "{\"a\": 1}"; "text")]
    #[test_case("h\u{e9}".as_bytes(), 900 => "h\u{e9}\n(900 bytes in all)"; "a part of it")]
    #[test_case(b"h\xc3", 900 => "h\n(900 bytes in all)"; "cut within a character")]
    #[test_case(&[0, 255, 0x41], 3 => "00 ff 41                                        ..A"; "bytes")]
    fn payloads(bytes: &[u8], size: u64) -> String {
        shown(bytes, size)
    }
}
