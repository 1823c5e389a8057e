//! The inbox task: brings each message that comes in to the request it is for. It never waits for anything.

use std::sync::Arc;
use std::time::Instant;

use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;

use crate::acknowledgement::Acknowledgement;
use crate::inbox::Topic;
use crate::pending::{Delivery, Signal, Stored, Token};
use crate::removal::{self, Removal};
use crate::shard::{Answer, Core};

/// Works off a shard's subscription until it ends.
pub(crate) async fn run(core: Arc<Core>, mut messages: Subscriber) {
    // The name of the stream is nearly always the same; it is kept to be shared, not copied for each message.
    let mut stream: Arc<str> = Arc::from("");
    while let Some(message) = messages.next().await {
        let delivery = match core.inbox.read(&message.subject) {
            Some(Topic::Answer(token)) => core.pending.answer(
                token,
                Answer {
                    headers: message.headers,
                    payload: message.payload,
                },
            ),
            Some(Topic::Acknowledgement(token)) => acknowledge(&core, token, &message, &mut stream),
            Some(Topic::Removal) => {
                if removal::succeeded(&message.payload) {
                    core.meters.removed.inc();
                }
                Delivery::Accepted
            }
            None => Delivery::Late,
        };
        if delivery == Delivery::Late {
            core.meters.late_replies.inc();
        }
    }
}

fn acknowledge(core: &Core, token: Token, message: &Message, stream: &mut Arc<str>) -> Delivery {
    if message.status == Some(StatusCode::NO_RESPONDERS) {
        return core.pending.failed(token, Signal::NoResponders);
    }
    match Acknowledgement::read(&message.payload) {
        Acknowledgement::Refused(refusal) => core.pending.failed(token, Signal::Refused(refusal)),
        Acknowledgement::Stored {
            stream: name,
            sequence,
        } => {
            let stored = Stored {
                stream: share(stream, &name),
                sequence,
                at: Instant::now(),
            };
            match core.pending.stored(token, stored) {
                // Its client left in the meantime: the message is only now known by its sequence.
                Delivery::Late if core.departed.take(token) => {
                    core.take_back(Removal {
                        stream: Arc::clone(stream),
                        sequence,
                    });
                    Delivery::Accepted
                }
                delivery => delivery,
            }
        }
    }
}

fn share(last: &mut Arc<str>, name: &str) -> Arc<str> {
    if **last != *name {
        *last = Arc::from(name);
    }
    Arc::clone(last)
}
