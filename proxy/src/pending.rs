//! The requests of one shard that wait for an answer.
//!
//! Slots are reused; a [`Token`] names a slot, its generation and a secret nonce, so an answer that is late, doubled or
//! forged meets a token that is no longer, or never was, valid. A [`Ticket`] owns its slot and frees it when dropped,
//! however its request ends: nothing can leak, and nothing has to be cleaned up later.

mod departed;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

pub use departed::Departed;
pub use token::{TOKEN_BYTES, Token};

/// Where the stream has put a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Name of the stream.
    pub stream: Arc<str>,
    /// Sequence in it.
    pub sequence: u64,
    /// When the acknowledgement came in.
    pub at: Instant,
}

/// What a waiting request is woken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal<A> {
    /// The worker's answer.
    Answer(A),
    /// The stream has the message; only signalled to those who wait for it.
    Stored,
    /// The stream refused the message.
    Refused(Refusal),
    /// No stream takes the subject, or none is there at the moment.
    NoResponders,
}

/// A stream's error answer to a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error's class in HTTP's numbers, such as 503.
    pub status: u16,
    /// `JetStream`'s own error code, such as 10077; 0 where the acknowledgement could not be read.
    pub code: u64,
    /// The server's words.
    pub description: String,
}

/// What became of a message from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It met the request it was meant for.
    Accepted,
    /// Nobody waits for it (any more).
    Late,
}

/// The table; `A` is what an answer is carried in.
#[derive(Debug)]
pub struct Pending<A> {
    slots: Mutex<Slots<A>>,
    capacity: usize,
}

#[derive(Debug)]
struct Slots<A> {
    all: Vec<Slot<A>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<A> {
    generation: u32,
    /// The nonce of the ticket that holds the slot; none while it is free.
    nonce: Option<u64>,
    wants_stored: bool,
    stored: Option<Stored>,
    signal: Option<Signal<A>>,
    waker: Option<Waker>,
}

/// The right to one answer. Dropping it gives the slot back.
#[derive(Debug)]
pub struct Ticket<A> {
    table: Arc<Pending<A>>,
    token: Token,
}

impl<A> Pending<A> {
    /// An empty table for at most `capacity` waiting requests.
    pub fn new(capacity: usize) -> Arc<Self> {
        let slots = Slots {
            all: Vec::new(),
            free: Vec::new(),
        };
        Arc::new(Self {
            slots: Mutex::new(slots),
            capacity: capacity.min(u32::MAX as usize),
        })
    }

    /// Takes a slot, unless all are taken. `nonce` must not be guessable; `wants_stored` asks for [`Signal::Stored`].
    pub fn open(self: &Arc<Self>, nonce: u64, wants_stored: bool) -> Option<Ticket<A>> {
        let token = self.lock().open(self.capacity, nonce, wants_stored)?;
        Some(Ticket {
            table: Arc::clone(self),
            token,
        })
    }

    /// Takes in an answer.
    pub fn answer(&self, token: Token, answer: A) -> Delivery {
        let mut slots = self.lock();
        let Some(slot) = slots.held(token) else {
            return Delivery::Late;
        };
        if matches!(slot.signal, Some(Signal::Answer(_))) {
            return Delivery::Late;
        }
        let waker = slot.raise(Signal::Answer(answer));
        drop(slots);
        wake(waker)
    }

    /// Takes in a positive acknowledgement; wakes only those who asked for it.
    pub fn stored(&self, token: Token, stored: Stored) -> Delivery {
        let mut slots = self.lock();
        let Some(slot) = slots.held(token) else {
            return Delivery::Late;
        };
        // A second acknowledgement, of a message published twice, names the same sequence.
        slot.stored.get_or_insert(stored);
        let wanted = slot.wants_stored && !matches!(slot.signal, Some(Signal::Answer(_)));
        let waker = if wanted { slot.raise(Signal::Stored) } else { None };
        drop(slots);
        wake(waker)
    }

    /// Takes in a failure to publish, which means nothing if an earlier try succeeded.
    pub fn failed(&self, token: Token, failure: Signal<A>) -> Delivery {
        let mut slots = self.lock();
        let Some(slot) = slots.held(token) else {
            return Delivery::Late;
        };
        let decided = slot.stored.is_some() || matches!(slot.signal, Some(Signal::Answer(_)));
        let waker = if decided { None } else { slot.raise(failure) };
        drop(slots);
        wake(waker)
    }

    /// How many requests wait.
    pub fn len(&self) -> usize {
        let slots = self.lock();
        slots.all.len() - slots.free.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Slots<A>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) -> Delivery {
    if let Some(waker) = waker {
        waker.wake();
    }
    Delivery::Accepted
}

impl<A> Slots<A> {
    fn open(&mut self, capacity: usize, nonce: u64, wants_stored: bool) -> Option<Token> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.all.len() >= capacity => return None,
            None => {
                self.all.push(Slot::empty());
                u32::try_from(self.all.len() - 1).ok()?
            }
        };
        let slot = &mut self.all[index as usize];
        slot.nonce = Some(nonce);
        slot.wants_stored = wants_stored;
        Some(Token {
            slot: index,
            generation: slot.generation,
            nonce,
        })
    }

    /// The slot, if the token is the one that holds it.
    fn held(&mut self, token: Token) -> Option<&mut Slot<A>> {
        let slot = self.all.get_mut(token.slot as usize)?;
        (slot.generation == token.generation && slot.nonce == Some(token.nonce)).then_some(slot)
    }

    fn close(&mut self, token: Token) -> Option<Slot<A>> {
        let slot = self.held(token)?;
        let next = Slot {
            generation: slot.generation.wrapping_add(1),
            ..Slot::empty()
        };
        let closed = std::mem::replace(slot, next);
        self.free.push(token.slot);
        Some(closed)
    }
}

impl<A> Slot<A> {
    fn empty() -> Self {
        Self {
            generation: 0,
            nonce: None,
            wants_stored: false,
            stored: None,
            signal: None,
            waker: None,
        }
    }

    fn raise(&mut self, signal: Signal<A>) -> Option<Waker> {
        self.signal = Some(signal);
        self.waker.take()
    }
}

impl<A> Ticket<A> {
    /// What answers must carry.
    pub fn token(&self) -> Token {
        self.token
    }

    /// Where the stream has put the request, once it has said so.
    pub fn stored(&self) -> Option<Stored> {
        self.table
            .lock()
            .held(self.token)
            .and_then(|slot| slot.stored.clone())
    }

    /// The next signal.
    pub fn poll_signal(&self, cx: &mut Context<'_>) -> Poll<Signal<A>> {
        let mut slots = self.table.lock();
        let Some(slot) = slots.held(self.token) else {
            unreachable!("a ticket holds its slot until it is dropped");
        };
        if let Some(signal) = slot.signal.take() {
            return Poll::Ready(signal);
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl<A> Drop for Ticket<A> {
    fn drop(&mut self) {
        // What the slot held is dropped after the lock is free again.
        let closed = self.table.lock().close(self.token);
        drop(closed);
    }
}

#[cfg(test)]
mod tests;
