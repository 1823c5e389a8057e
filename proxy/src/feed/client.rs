//! One client: where it is, and what it is told next. How it is told is the transport's business.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::batch::Batch;
use super::channel::{Next, Place, Reach};
use super::event::rfc3339;
use super::hub::Member;
use super::reader::Reader;
use super::seats::Seat;
use super::stream::{Stream, StreamError};
use super::{Feed, Filter, Refusal};

/// How long a client waits for the stream to be seen for the first time.
const BEGIN: Duration = Duration::from_secs(5);
/// How long reading for one client may take before it hears at least that it is not forgotten.
const REPLAY: Duration = Duration::from_secs(5);
const REPLAY_PAUSE: Duration = Duration::from_millis(250);
/// Clients that reconnect spread over this time.
const SPREAD_MS: u64 = 2000;

/// What a client is told.
#[derive(Debug)]
pub(super) enum Told {
    /// First of all: how long to wait before reconnecting, in milliseconds.
    Opening(u64),
    /// Begin anew: what comes next comes after this sequence.
    Snapshot(u64),
    /// The events of a batch from this index on.
    Events(Arc<Batch>, usize),
    /// Nothing has happened.
    Heartbeat,
    /// It reads too slowly: the end.
    Slow,
    /// The proxy ends: reconnect after so many milliseconds. The end.
    Drain(u64),
}

/// A client of the feed.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) feed: Arc<Feed>,
    pub(super) stream: Arc<Stream>,
    member: Member,
    #[expect(dead_code, reason = "only its drop matters")]
    seat: Seat,
    changes: watch::Receiver<u64>,
    place: Place,
    phase: Phase,
    heartbeat: Interval,
}

#[derive(Debug)]
enum Phase {
    Opening {
        resumed: bool,
    },
    /// What it missed is older than the log.
    Replay {
        reading: Option<Box<Reading>>,
        /// Events so far.
        read: u64,
    },
    Live,
    Ended,
}

/// Reading for one client.
#[derive(Debug)]
struct Reading {
    reader: Reader,
    /// Where the log began when the reading did: once all that waited has been read, all up to here has.
    target: u64,
}

impl Reading {
    /// Reads what comes next after a sequence; begins where there is no reading yet.
    async fn pass(
        reading: Option<Box<Self>>,
        stream: &Stream,
        filter: &Filter,
        after: u64,
        floor: u64,
    ) -> Result<(Option<Batch>, Box<Self>), StreamError> {
        let mut reading = match reading {
            Some(reading) => reading,
            None => Box::new(Self {
                reader: Reader::open(stream, filter, after).await?,
                target: floor,
            }),
        };
        if reading.finished().is_some() {
            return Ok((None, reading));
        }
        let events = reading.reader.read().await?;
        Ok((Batch::new(&events), reading))
    }

    /// The sequence up to which everything has been read, once nothing waits.
    fn finished(&self) -> Option<u64> {
        (self.reader.pending() == 0).then_some(self.target)
    }
}

impl Client {
    /// A client that has seen everything up to `last`, or begins.
    pub(super) async fn begin(
        feed: Arc<Feed>,
        stream: Arc<Stream>,
        member: Member,
        seat: Seat,
        last: Option<u64>,
    ) -> Result<Self, Refusal> {
        let mut changes = member.0.changes();
        if member.0.reach().is_err() && !stream.connection.is_connected() {
            return Err(Refusal::Unreachable);
        }
        let reach = begun(&member, &mut changes).await?;
        let resumed = match last {
            Some(last) => resume(&stream, reach, last, feed.settings.max_replay).await?,
            None => None,
        };
        let period = feed.settings.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + period, period);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        feed.meters.clients.inc();
        Ok(Self {
            feed,
            stream,
            member,
            seat,
            changes,
            // An epoch that never is: it is told where it begins.
            place: resumed.unwrap_or(Place {
                epoch: 0,
                sequence: 0,
            }),
            phase: Phase::Opening {
                resumed: resumed.is_some(),
            },
            heartbeat,
        })
    }

    /// What a snapshot says.
    pub(super) fn snapshot(&self, sequence: u64) -> Value {
        json!({
            "stream": self.feed.route.stream,
            "subject": self.member.0.filter.as_str(),
            "sequence": sequence,
            "time": rfc3339(OffsetDateTime::now_utc()),
        })
    }

    /// What the client is told next; `None` after the end.
    pub(super) async fn next(&mut self) -> Option<Told> {
        match self.phase {
            Phase::Ended => return None,
            Phase::Opening { resumed } => {
                if resumed {
                    self.feed.meters.resumed.inc();
                }
                self.phase = Phase::Replay {
                    reading: None,
                    read: 0,
                };
                return Some(Told::Opening(jitter(SPREAD_MS) + 500));
            }
            Phase::Replay { .. } | Phase::Live => {}
        }
        loop {
            if self.feed.drain.is_cancelled() {
                return Some(self.end(Told::Drain(jitter(SPREAD_MS))));
            }
            self.changes.mark_unchanged();
            match self.member.0.after(self.place) {
                Next::Anew(place) => return Some(self.begin_anew(place)),
                Next::Batch(batch) => return Some(self.hand_over(batch)),
                Next::Nothing => {
                    self.phase = Phase::Live;
                    if self.is_quiet().await {
                        return Some(Told::Heartbeat);
                    }
                }
                Next::Behind(_) if matches!(self.phase, Phase::Live) => return Some(self.too_slow()),
                Next::Behind(floor) => {
                    let drain = self.feed.drain.clone();
                    tokio::select! {
                        told = self.replay(floor) => if let Some(told) = told { return Some(told) },
                        () = drain.cancelled() => {}
                    }
                }
            }
        }
    }

    /// Waits for something to happen; whether nothing has for the time of a heartbeat.
    async fn is_quiet(&mut self) -> bool {
        tokio::select! {
            changed = self.changes.changed() => {
                debug_assert!(changed.is_ok(), "the channel is there as long as its member");
                false
            }
            () = self.feed.drain.cancelled() => false,
            _ = self.heartbeat.tick() => true,
        }
    }

    fn begin_anew(&mut self, place: Place) -> Told {
        self.place = place;
        self.phase = Phase::Live;
        self.feed.meters.snapshots.inc();
        Told::Snapshot(place.sequence)
    }

    fn hand_over(&mut self, batch: Arc<Batch>) -> Told {
        let from = batch.seek(self.place.sequence);
        self.place.sequence = batch.last();
        self.feed
            .meters
            .events
            .inc_by(batch.len().saturating_sub(from) as u64);
        if !matches!(self.phase, Phase::Live) && matches!(self.member.0.after(self.place), Next::Nothing) {
            self.phase = Phase::Live;
        }
        Told::Events(batch, from)
    }

    /// Reads some of what was missed from the stream; `None` if the log has the rest.
    async fn replay(&mut self, floor: u64) -> Option<Told> {
        let Phase::Replay { reading, read } = &mut self.phase else {
            return None;
        };
        let (reading, read) = (reading.take(), *read);
        if read > self.feed.settings.max_replay {
            return Some(self.too_slow());
        }
        let permit = self.feed.replays.acquire().await;
        let filter = &self.member.0.filter;
        let pass = Reading::pass(reading, &self.stream, filter, self.place.sequence, floor);
        let pass = timeout(REPLAY, pass).await;
        drop(permit);
        match pass {
            Ok(Ok((batch, reading))) => {
                let count = batch.as_ref().map_or(0, Batch::len) as u64;
                self.feed.meters.replayed.inc_by(count);
                let told = batch.map(|batch| self.hand_over(Arc::new(batch)));
                if let Some(target) = reading.finished() {
                    self.place.sequence = self.place.sequence.max(target);
                }
                self.phase = Phase::Replay {
                    reading: reading.finished().is_none().then_some(reading),
                    read: read + count,
                };
                told
            }
            // What it missed is gone.
            Ok(Err(StreamError::Lost)) => {
                self.place.epoch = 0;
                None
            }
            Ok(Err(_)) | Err(_) => {
                tokio::time::sleep(REPLAY_PAUSE).await;
                Some(Told::Heartbeat)
            }
        }
    }

    fn too_slow(&mut self) -> Told {
        self.feed.meters.slow.inc();
        tracing::info!(subject = %self.member.0.filter, "a client of the live feed reads too slowly and is closed");
        self.end(Told::Slow)
    }

    fn end(&mut self, told: Told) -> Told {
        self.phase = Phase::Ended;
        told
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.feed.meters.clients.dec();
        // The server closes who takes no byte for long; what it was then waiting for had left the log.
        let is_behind = || matches!(self.member.0.after(self.place), Next::Behind(_));
        if matches!(self.phase, Phase::Live) && is_behind() {
            self.feed.meters.slow.inc();
        }
    }
}

/// Waits until the channel knows where its stream is.
async fn begun(member: &Member, changes: &mut watch::Receiver<u64>) -> Result<Reach, Refusal> {
    let waiting = async {
        loop {
            changes.mark_unchanged();
            match member.0.reach() {
                Ok(reach) => return Ok(reach),
                Err(Some(refusal)) => return Err(refusal),
                Err(None) => {
                    // The channel is there as long as its member.
                    let _changed = changes.changed().await;
                }
            }
        }
    };
    timeout(BEGIN, waiting).await.unwrap_or(Err(Refusal::Unreachable))
}

/// Where a client goes on that has seen everything up to `last`; `None` if it has to begin anew.
async fn resume(stream: &Stream, reach: Reach, last: u64, most: u64) -> Result<Option<Place>, Refusal> {
    let place = Place {
        epoch: reach.epoch,
        sequence: last,
    };
    if (reach.floor..=reach.position).contains(&last) {
        return Ok(Some(place));
    }
    let facts = stream.facts().await.map_err(|error| error.refusal())?;
    if last >= reach.floor {
        // Another proxy was faster, or the place is of another stream.
        return Ok((last <= facts.last).then_some(place));
    }
    let is_whole = facts.first <= last.saturating_add(1);
    // Once the stream was another, an old place may be one of that.
    let is_doubtful = reach.epoch > 1;
    let is_near = reach.floor - last <= most;
    Ok((is_whole && is_near && !is_doubtful).then_some(place))
}

/// Some number below `most`, another one each time.
fn jitter(most: u64) -> u64 {
    RandomState::new().hash_one(0) % most
}
