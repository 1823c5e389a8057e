//! Groups: what one WebSocket says in a group, every member of it hears, whatever proxy it is at. One subscription a proxy and group,
//! from its first member here to its last. Nothing is kept: who is not there misses it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::{Message, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use super::event::Event;
use super::stream::Stream;

/// Longest name of a group.
const MOST_BYTES: usize = 64;

/// The groups that clients of this proxy are in.
#[derive(Debug)]
pub(super) struct Groups {
    /// What the subjects begin with.
    head: String,
    rooms: Mutex<HashMap<String, Room>>,
}

#[derive(Debug)]
struct Room {
    members: HashMap<u64, Ear>,
    hearing: AbortHandle,
}

/// Where a member hears.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    /// group -> client: bounded, a member that does not keep up is let go.
    pub(super) heard_tx: mpsc::Sender<Utf8Bytes>,
    /// Cancelled for one that does not.
    pub(super) overflow: CancellationToken,
}

/// Whether a text names a group: one token of plain characters.
pub(crate) fn is_group(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MOST_BYTES).contains(&name.len()) && name.bytes().all(plain)
}

impl Groups {
    pub(super) fn new(head: String) -> Self {
        Self {
            head,
            rooms: Mutex::default(),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subject(&self, group: &str) -> String {
        format!("{}.{group}", self.head)
    }

    /// Lets a client hear a group. When this returns, it does; false if it cannot now.
    pub(super) async fn join(self: &Arc<Self>, stream: &Stream, group: &str, id: u64, ear: Ear) -> bool {
        if self.enter(group, id, &ear) {
            return true;
        }
        let Ok(subscriber) = stream.connection.client().subscribe(self.subject(group)).await else {
            return false;
        };
        // Once the server has answered what was asked after the subscription, it has that. Which answer does not matter.
        let _answer = stream.facts().await;
        let mut rooms = self.rooms();
        if let Some(room) = rooms.get_mut(group) {
            // Somebody was as fast.
            room.members.insert(id, ear);
            return true;
        }
        let hearing = tokio::spawn(hear(Arc::clone(self), group.to_owned(), subscriber)).abort_handle();
        let members = HashMap::from([(id, ear)]);
        rooms.insert(group.to_owned(), Room { members, hearing });
        true
    }

    fn enter(&self, group: &str, id: u64, ear: &Ear) -> bool {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(group) else {
            return false;
        };
        room.members.insert(id, ear.clone());
        true
    }

    /// The client hears the group no more.
    pub(super) fn leave(&self, group: &str, id: u64) {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(group) else {
            return;
        };
        room.members.remove(&id);
        if room.members.is_empty() {
            room.hearing.abort();
            rooms.remove(group);
        }
    }

    /// Says something in a group; false without a connection.
    pub(super) async fn say(&self, stream: &Stream, group: &str, data: &str) -> bool {
        let payload = Bytes::copy_from_slice(data.as_bytes());
        let client = stream.connection.client();
        stream.connection.is_connected() && client.publish(self.subject(group), payload).await.is_ok()
    }

    fn tell(&self, group: &str, text: &Utf8Bytes) {
        let rooms = self.rooms();
        let Some(room) = rooms.get(group) else {
            return;
        };
        for ear in room.members.values() {
            if ear.heard_tx.try_send(text.clone()).is_err() {
                ear.overflow.cancel();
            }
        }
    }
}

async fn hear(groups: Arc<Groups>, group: String, mut messages: Subscriber) {
    while let Some(message) = messages.next().await {
        groups.tell(&group, &text(&message));
    }
}

fn text(message: &Message) -> Utf8Bytes {
    let Event { json, .. } = Event::new(0, &message.subject, OffsetDateTime::now_utc(), &message.payload);
    format!(r#"{{"event":"group","data":{json}}}"#).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("room-1_A" => true)]
    #[test_case("" => false; "nothing")]
    #[test_case("a.b" => false; "two tokens")]
    #[test_case(">" => false; "everything")]
    #[test_case("*" => false; "anything")]
    #[test_case("a b" => false; "a space")]
    #[test_case("a\r\nPUB" => false; "another command")]
    #[test_case(&"a".repeat(65) => false; "too long")]
    fn names(name: &str) -> bool {
        is_group(name)
    }
}
