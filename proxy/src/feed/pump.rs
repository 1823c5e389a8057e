//! Brings what the stream stores into a channel, whatever happens to the stream or the way to it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::batch::Batch;
use super::channel::Channel;
use super::event::Event;
use super::reader::Reader;
use super::stream::{Stream, StreamError};

/// A channel outlives its last client by this time: those who reconnect find it as they left it.
const LINGER: Duration = Duration::from_mins(1);
/// Between attempts to read.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// What waking one client costs, roughly. Events are gathered for as long as telling all clients of the last ones takes, so that
/// under load each client is woken less often, for more events at once.
const WAKE: Duration = Duration::from_micros(20);
const LONGEST_GATHERING: Duration = Duration::from_millis(20);

/// What a pump knows of its stream.
struct Known {
    created: String,
    position: u64,
}

/// Pumps until nobody has been in the channel for a while.
pub(super) async fn run(channel: Arc<Channel>, stream: Arc<Stream>, is_whole: bool) {
    let mut pump = Pump {
        channel,
        stream,
        is_whole,
        known: None,
        used: Instant::now(),
        pause: FIRST_PAUSE,
        complaint: String::new(),
    };
    loop {
        let Err(error) = pump.flow().await else { return };
        pump.complain(&error);
        sleep(pump.pause).await;
        pump.pause = (pump.pause * 2).min(LONGEST_PAUSE);
        if pump.is_unused() {
            return;
        }
    }
}

struct Pump {
    channel: Arc<Channel>,
    stream: Arc<Stream>,
    /// Whether the channel has all that the feed carries: then sequences that are left out are worth a look.
    is_whole: bool,
    known: Option<Known>,
    /// When somebody was last in the channel.
    used: Instant,
    pause: Duration,
    /// What was last logged.
    complaint: String,
}

impl Pump {
    /// Reads until nobody needs it.
    async fn flow(&mut self) -> Result<(), StreamError> {
        self.stream.connected().await;
        let mut position = self.place().await?;
        let mut reader = Reader::open(&self.stream, &self.channel.filter, position).await?;
        if !self.complaint.is_empty() {
            tracing::info!(subject = %self.channel.filter, "the live feed flows again");
            self.complaint.clear();
        }
        loop {
            let events = reader.read().await?;
            self.pause = FIRST_PAUSE;
            if self.is_whole && has_jump(position, &events) {
                self.check(position).await?;
            }
            if let Some(batch) = Batch::new(&events) {
                position = batch.last();
                self.note(position);
                self.channel.append(batch);
                self.gather().await;
            }
            if self.is_unused() {
                return Ok(());
            }
        }
    }

    /// Where to read on; the channel begins anew where that is not where it was.
    async fn place(&mut self) -> Result<u64, StreamError> {
        let facts = self.stream.facts().await?;
        if let Some(known) = &self.known {
            let is_same = facts.created == known.created && facts.last >= known.position;
            let is_whole = facts.first <= known.position.saturating_add(1);
            if is_same && is_whole {
                return Ok(known.position);
            }
            tracing::warn!(
                stream = self.stream.name,
                subject = %self.channel.filter,
                position = known.position,
                first = facts.first,
                last = facts.last,
                "the stream no longer has what comes next: clients of the live feed begin anew"
            );
        }
        self.channel.begin(facts.last);
        self.known = Some(Known {
            created: facts.created,
            position: facts.last,
        });
        Ok(facts.last)
    }

    /// Finds out whether the stream dropped what came after a sequence before it could be read, as one does that is full.
    async fn check(&self, position: u64) -> Result<(), StreamError> {
        let facts = self.stream.facts().await?;
        if facts.first > position.saturating_add(1) {
            Err(StreamError::Lost)
        } else {
            Ok(())
        }
    }

    fn note(&mut self, position: u64) {
        if let Some(known) = &mut self.known {
            known.position = position;
        }
    }

    /// Waits for more events while clients are busy with the last ones.
    async fn gather(&self) {
        let members = u32::try_from(self.channel.members()).unwrap_or(u32::MAX);
        let pause = WAKE.saturating_mul(members).min(LONGEST_GATHERING);
        if pause >= Duration::from_millis(1) {
            sleep(pause).await;
        }
    }

    fn is_unused(&mut self) -> bool {
        if self.channel.members() > 0 {
            self.used = Instant::now();
        }
        self.used.elapsed() > LINGER
    }

    /// Tells who waits for the beginning, and the log once.
    fn complain(&mut self, error: &StreamError) {
        self.channel.trouble(error.refusal());
        let complaint = error.to_string();
        if complaint != self.complaint {
            tracing::warn!(subject = %self.channel.filter, error = complaint, "the live feed cannot be read now");
            self.complaint = complaint;
        }
    }
}

/// Whether these events leave out a sequence after `position`.
fn has_jump(position: u64, events: &[Event]) -> bool {
    let expected = position.saturating_add(1)..;
    expected
        .zip(events)
        .any(|(expected, event)| event.sequence != expected)
}
