//! What is done for keys besides showing: payloads, and changes that were confirmed.

use std::time::Duration;

use platform::{
    observe::{self, Nats},
    streams::JetStream,
};
use snapshot::{
    ConsumerKey,
    sample::{Position, Query},
};

use super::way::Found;
use crate::{
    error::Error,
    top::{Answer, Hands, Item},
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
        let server = self.server.borrow().clone();
        Box::pin(async move {
            let Some(server) = server else {
                return "there is no way to the server".to_owned();
            };
            let outcome = perform(&server, &item).await;
            outcome.unwrap_or_else(|error| {
                let causes = std::iter::once(error.to_string()).chain(error.causes());
                causes.collect::<Vec<_>>().join(": ")
            })
        })
    }

    fn refuses(&self, _: &Item) -> Option<String> {
        let name = self.protected.as_ref()?;
        Some(format!(
            "profile {name} is protected: start top with --confirm={name} to change it"
        ))
    }
}

async fn perform(server: &Nats, item: &Item) -> Result<String, Error> {
    let jetstream = match &server.login {
        Some(login) => JetStream::connect_as(&server.url, login.clone()).await?,
        None => JetStream::connect(&server.url).await?,
    };
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
