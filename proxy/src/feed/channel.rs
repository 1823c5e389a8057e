//! What all clients of one filter read: the last events, in a log of bounded size.
//!
//! A client is nothing here but a place in the stream. Finding what comes after a place happens under the lock under which the pump
//! appends, so whoever joins, whenever, misses nothing and gets nothing twice.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::batch::Batch;
use super::{Filter, Refusal, Settings};

/// The events of one filter.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) filter: Filter,
    most_events: usize,
    most_bytes: usize,
    log: Mutex<Log>,
    /// Raised with every change of the log.
    version: watch::Sender<u64>,
    members: AtomicUsize,
}

#[derive(Debug, Default)]
struct Log {
    /// Raised when the stream lost what some clients have not seen; 0 until the stream was first seen.
    epoch: u64,
    /// Everything that matches after this sequence, and up to `position`, is in the log.
    floor: u64,
    position: u64,
    batches: VecDeque<Arc<Batch>>,
    events: usize,
    bytes: usize,
    trouble: Option<Refusal>,
}

/// What a client is to be told next.
#[derive(Debug)]
pub(super) enum Next {
    /// The events of this batch after its place.
    Batch(Arc<Batch>),
    /// Nothing has happened.
    Nothing,
    /// The log begins after its place, at this sequence.
    Behind(u64),
    /// Its place is of no use: it begins anew here.
    Anew(Place),
}

/// A place in what has been seen of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) epoch: u64,
    pub(super) sequence: u64,
}

/// What the log reaches over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) epoch: u64,
    pub(super) floor: u64,
    pub(super) position: u64,
}

impl Channel {
    pub(super) fn new(filter: Filter, settings: &Settings) -> Self {
        Self {
            filter,
            most_events: settings.buffer_events,
            most_bytes: usize::try_from(settings.buffer_bytes).unwrap_or(usize::MAX),
            log: Mutex::default(),
            version: watch::Sender::new(0),
            members: AtomicUsize::new(0),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of changes.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// How many clients read here.
    pub(super) fn members(&self) -> usize {
        self.members.load(Relaxed)
    }

    pub(super) fn enter(&self) {
        self.members.fetch_add(1, Relaxed);
    }

    pub(super) fn leave(&self) {
        self.members.fetch_sub(1, Relaxed);
    }

    /// What the log reaches over; why nothing, if the stream has never been seen.
    pub(super) fn reach(&self) -> Result<Reach, Option<Refusal>> {
        let log = self.log();
        if log.epoch == 0 {
            return Err(log.trouble.clone());
        }
        Ok(Reach {
            epoch: log.epoch,
            floor: log.floor,
            position: log.position,
        })
    }

    /// What comes after a client's place.
    pub(super) fn after(&self, place: Place) -> Next {
        let log = self.log();
        if place.epoch != log.epoch {
            return Next::Anew(Place {
                epoch: log.epoch,
                sequence: log.position,
            });
        }
        if place.sequence < log.floor {
            return Next::Behind(log.floor);
        }
        let seen = log
            .batches
            .partition_point(|batch| batch.last() <= place.sequence);
        log.batches
            .get(seen)
            .map_or(Next::Nothing, |batch| Next::Batch(Arc::clone(batch)))
    }

    /// Adds what the stream brought; the oldest make room.
    pub(super) fn append(&self, batch: Batch) {
        let mut log = self.log();
        log.position = log.position.max(batch.last());
        log.events += batch.len();
        log.bytes += batch.size();
        log.batches.push_back(Arc::new(batch));
        // The newest batch stays, however large: otherwise nobody would get it.
        while log.batches.len() > 1 && (log.events > self.most_events || log.bytes > self.most_bytes) {
            if let Some(oldest) = log.batches.pop_front() {
                log.events -= oldest.len();
                log.bytes -= oldest.size();
                log.floor = log.floor.max(oldest.last());
            }
        }
        drop(log);
        self.raise();
    }

    /// Begins at a sequence, for the first time or because what lies between is gone: every client begins anew.
    pub(super) fn begin(&self, sequence: u64) {
        let mut log = self.log();
        *log = Log {
            epoch: log.epoch + 1,
            floor: sequence,
            position: sequence,
            ..Log::default()
        };
        drop(log);
        self.raise();
    }

    /// Why the stream cannot be read just now.
    pub(super) fn trouble(&self, why: Refusal) {
        self.log().trouble = Some(why);
        self.raise();
    }

    fn raise(&self) {
        self.version
            .send_modify(|version| *version = version.wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::event::Event;

    fn channel(events: usize) -> Channel {
        let settings = Settings {
            buffer_events: events,
            ..Settings::default()
        };
        Channel::new(Filter::parse("events.>").unwrap(), &settings)
    }

    fn batch(sequences: &[u64]) -> Batch {
        let event = |&sequence| Event {
            sequence,
            json: "{}".to_owned(),
        };
        Batch::new(&sequences.iter().map(event).collect::<Vec<_>>()).unwrap()
    }

    fn at(epoch: u64, sequence: u64) -> Place {
        Place { epoch, sequence }
    }

    #[test]
    fn a_client_reads_on_from_its_place() {
        let channel = channel(10);
        assert_eq!(channel.reach(), Err(None));
        channel.begin(4);
        channel.append(batch(&[5, 6]));
        channel.append(batch(&[9]));
        let Next::Batch(first) = channel.after(at(1, 5)) else {
            panic!("6 is left")
        };
        assert_eq!(first.last(), 6);
        let Next::Batch(second) = channel.after(at(1, 7)) else {
            panic!("9 is left")
        };
        assert_eq!(second.last(), 9);
        assert!(matches!(channel.after(at(1, 9)), Next::Nothing));
        assert!(matches!(channel.after(at(1, 3)), Next::Behind(4)));
    }

    #[test]
    fn the_oldest_make_room_and_the_newest_stays() {
        let channel = channel(3);
        channel.begin(0);
        channel.append(batch(&[1, 2]));
        channel.append(batch(&[3]));
        assert_eq!(channel.reach().unwrap().floor, 0);
        channel.append(batch(&[4]));
        assert_eq!(channel.reach().unwrap().floor, 2);
        channel.append(batch(&[5, 6, 7, 8]));
        let reach = Reach {
            epoch: 1,
            floor: 4,
            position: 8,
        };
        assert_eq!(channel.reach(), Ok(reach));
        assert!(matches!(channel.after(at(1, 1)), Next::Behind(4)));
    }

    #[test]
    fn after_a_loss_everybody_begins_anew() {
        let channel = channel(10);
        channel.begin(4);
        channel.append(batch(&[5]));
        channel.begin(2);
        let Next::Anew(place) = channel.after(at(1, 5)) else {
            panic!("the place is of the lost stream")
        };
        assert_eq!(place, at(2, 2));
        assert!(matches!(channel.after(place), Next::Nothing));
    }
}
