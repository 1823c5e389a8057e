//! What to ask the JetStream API next, and how seldom is often enough.
//!
//! The API is shared by everybody in the account, and in a cluster a list makes its leader ask every consumer's own. So the plan is by size: up to
//! 256 consumers all lists of streams in which something moves are read in rounds of 2 s, of the others seldom. Beyond that the rows that somebody
//! looks at are asked for one by one, and the lists come round in the background. Rounds grow with the number of requests that they take, so that
//! there is at most one a second for every 256 consumers ([`Allowance`]), and with every sign that it was too much ([`Pace`]).

mod allowance;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::observe::Row;
use crate::observe::pace::Pace;
pub(in crate::observe) use allowance::Aside;
use allowance::{Allowance, UNIT, units};

/// The shortest time between two looks at the same thing.
const SHORTEST: Duration = Duration::from_secs(2);
/// The shortest time between two looks at where nothing moves.
const COLD: Duration = Duration::from_secs(6);
/// The same in a large account, where something moves and where nothing does.
const LARGE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(30));
/// What moves is looked at so many times as often as what does not, in a small account and in a large one.
const OFTENER: (u32, u32) = (3, 2);
/// How often the account is looked at.
const ACCOUNT: Duration = Duration::from_mins(1);
/// Looks after which a consumer can be judged; until then it is looked at as often as may be.
const WARM: u32 = 5;
/// Looks at consumers that stand still, one after the other, after which nothing moves there. Whoever has just stopped to take messages
/// is looked at as often as before until that is certain.
const COOL: u32 = 6;
/// Looks that follow each other as soon as they can, whatever is allowed: a rate needs two.
const FIRST: u32 = 2;
/// Rows that are asked for one by one, for each page of consumers; of more the last ones are left to the lists.
const MOST_ROWS: usize = 8;
/// The share of what the list of streams leaves that single rows may take.
const OF_ROWS: f64 = 0.5;

/// Stands in names for what is not to be shown.
const UNSAFE: char = char::REPLACEMENT_CHARACTER;

/// One thing to ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Job {
    /// `STREAM.LIST`.
    Streams,
    /// `CONSUMER.LIST` of a stream.
    Consumers(String),
    /// `CONSUMER.INFO`.
    Row(Row),
    /// `INFO`.
    Account,
}

/// A stream as the plan sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Consumers it has.
    pub(super) consumers: u64,
    /// Something that changes whenever something moves in it.
    pub(super) mark: u64,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    load: Load,
    moving: bool,
    asked: Option<Instant>,
    /// How often its consumers were looked at, up to [`WARM`].
    looks: u32,
    /// Something that changes whenever one of its consumers delivers or is acknowledged, and for how many looks it has not, up to [`COOL`].
    consumers: (u64, u32),
}

impl Known {
    fn new(load: Load) -> Self {
        Self {
            load,
            moving: true,
            asked: None,
            looks: 0,
            consumers: (0, COOL),
        }
    }

    /// The same stream, later.
    fn becomes(self, load: Load) -> Self {
        Self {
            load,
            moving: self.load.mark != load.mark || self.consumers.1 < COOL || self.looks < WARM,
            // A consumer more or less: its name is wanted.
            asked: self.asked.filter(|_| self.load.consumers == load.consumers),
            ..self
        }
    }

    fn pages(&self) -> u64 {
        self.load.consumers.div_ceil(UNIT)
    }
}

/// When was what asked, and when is it due again.
#[derive(Debug)]
pub(super) struct Plan {
    streams: BTreeMap<String, Known>,
    stream_pages: u64,
    /// Pages of consumers, of streams in which something moves and of the others.
    pages: (u64, u64),
    consumers: u64,
    streams_asked: Option<Instant>,
    account_asked: Option<Instant>,
    rows: Vec<(Row, Option<Instant>)>,
    allowance: Allowance,
    /// Stretches all periods.
    pub(super) pace: Pace,
}

impl Plan {
    /// Nothing is known; everything is due. What `aside` counts is asked by others, at the same cost.
    pub(super) fn new(aside: Aside) -> Self {
        Self {
            streams: BTreeMap::new(),
            stream_pages: 1,
            pages: (0, 0),
            consumers: 0,
            streams_asked: None,
            account_asked: None,
            rows: Vec::new(),
            allowance: Allowance::new(aside),
            pace: Pace::new(SHORTEST),
        }
    }

    /// Forgets when things were asked: all are due.
    pub(super) fn begin_anew(&mut self) {
        *self = Self {
            pace: self.pace,
            rows: self.rows.drain(..).map(|(row, _)| (row, None)).collect(),
            ..Self::new(self.allowance.aside.clone())
        };
    }

    /// These are the streams now; they took so many requests.
    pub(super) fn streams_are(&mut self, streams: impl IntoIterator<Item = (String, Load)>, pages: u64) {
        let before = std::mem::take(&mut self.streams);
        let streams = streams.into_iter().map(|(name, load)| {
            let known = before.get(&name);
            let known = known.map_or_else(|| Known::new(load), |known| known.becomes(load));
            (name, known)
        });
        self.streams = streams.collect();
        self.stream_pages = pages.max(1);
        let of = |moving| {
            let known = self.streams.values().filter(move |known| known.moving == moving);
            known.map(Known::pages).sum()
        };
        self.pages = (of(true), of(false));
        self.consumers = self.streams.values().map(|known| known.load.consumers).sum();
        self.allowance.is_for(self.consumers);
    }

    /// The consumers of a stream are now as `mark` says, which changes whenever one of them does.
    pub(super) fn consumers_are(&mut self, stream: &str, mark: u64) {
        if let Some(known) = self.streams.get_mut(stream) {
            let still = if known.consumers.0 == mark {
                (known.consumers.1 + 1).min(COOL)
            } else {
                0
            };
            known.consumers = (mark, still);
        }
    }

    /// These rows are looked at; the first ones count most.
    pub(super) fn rows_are(&mut self, rows: &[Row]) {
        let most = MOST_ROWS.saturating_mul(usize::try_from(units(self.consumers)).unwrap_or(1));
        let asked = |row: &Row| {
            self.rows
                .iter()
                .find(|(known, _)| known == row)
                .and_then(|(_, at)| *at)
        };
        // A name that was made safe to show is not the one to ask for.
        let is_itself = |row: &&Row| !row.stream.contains(UNSAFE) && !row.consumer.contains(UNSAFE);
        self.rows = rows
            .iter()
            .filter(is_itself)
            .take(most)
            .map(|row| (row.clone(), asked(row)))
            .collect();
    }

    /// What is due at `now`, the most urgent first.
    pub(super) fn due(&self, now: Instant) -> Option<Job> {
        let jobs = self.all(now).filter(|(_, due)| due.is_none_or(|due| due <= now));
        jobs.min_by_key(|(_, due)| *due).map(|(job, _)| job)
    }

    /// When something is due next.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let due = self.all(now).map(|(_, due)| due.unwrap_or(now));
        due.min().unwrap_or(now + SHORTEST)
    }

    /// It was asked.
    pub(super) fn asked(&mut self, job: &Job, now: Instant) {
        let mut requests = 1;
        match job {
            Job::Streams => {
                self.streams_asked = Some(now);
                requests = self.stream_pages;
            }
            Job::Account => self.account_asked = Some(now),
            Job::Consumers(stream) => {
                if let Some(known) = self.streams.get_mut(stream) {
                    // The first looks are not put off, and put off nothing.
                    let is_free = known.looks < FIRST;
                    requests = if is_free { 0 } else { known.pages() };
                    known.asked = Some(now);
                    known.looks = (known.looks + 1).min(WARM);
                }
            }
            Job::Row(row) => {
                if let Some((_, asked)) = self.rows.iter_mut().find(|(known, _)| known == row) {
                    *asked = Some(now);
                }
            }
        }
        self.allowance.take(requests, now);
    }

    /// How often the list of streams is read.
    pub(super) fn streams_period(&self) -> Duration {
        self.pace.stretched(self.periods().streams)
    }

    /// How long it takes until the list of a stream's consumers is read again, whether or not something goes on moving in it.
    pub(super) fn consumers_period(&self, stream: &str) -> Duration {
        let periods = self.periods();
        let known = self.streams.get(stream);
        known.map_or(SHORTEST, |known| match self.period_of(known, &periods) {
            period if known.moving => (period * 5 / 4).min(self.pace.stretched(periods.still)),
            period => period,
        })
    }

    fn period_of(&self, known: &Known, periods: &Periods) -> Duration {
        let hurries = known.looks < if periods.hurry { WARM } else { FIRST };
        self.pace.stretched(match (hurries, known.moving) {
            (true, _) => SHORTEST,
            (false, true) => periods.moving,
            (false, false) => periods.still,
        })
    }

    fn is_large(&self) -> bool {
        self.consumers > UNIT
    }

    /// Such that all of it together is allowed.
    fn periods(&self) -> Periods {
        let allowed = self.allowance.per_s() - 1.0 / ACCOUNT.as_secs_f64();
        let (moving, still) = (number(self.pages.0), number(self.pages.1));
        let oftener = |oftener: u32| still / f64::from(oftener);
        let hurry = self
            .allowance
            .has_room_for(self.pages.0 * u64::from(WARM - FIRST));
        if !self.is_large() {
            // In one round, so that a consumer is compared with its stream of the same moment: ages are estimated by that.
            let requests = number(self.stream_pages) + moving + oftener(OFTENER.0);
            let round = period(requests, allowed, SHORTEST);
            let begins = self
                .streams
                .values()
                .any(|known| known.looks < WARM && known.pages() > 0);
            return Periods {
                streams: if hurry && begins { SHORTEST } else { round },
                moving: round,
                still: COLD.max(round * OFTENER.0),
                rows: round,
                hurry,
            };
        }
        let pages = number(self.stream_pages);
        let streams = period(pages, allowed / 4.0, SHORTEST);
        let rest = allowed - pages / streams.as_secs_f64();
        let count = number(self.rows.len() as u64);
        let rows = period(count, rest * OF_ROWS, SHORTEST);
        let rest = rest - count / rows.as_secs_f64();
        let lists = period(moving + oftener(OFTENER.1), rest, LARGE.0);
        Periods {
            streams,
            moving: lists,
            still: LARGE.1.max(lists * OFTENER.1),
            rows,
            hurry,
        }
    }

    /// Every job and when it is due; `None` is as soon as possible.
    fn all(&self, now: Instant) -> impl Iterator<Item = (Job, Option<Instant>)> {
        let periods = self.periods();
        let allowed = self.allowance.next(now);
        // What is allowed later is due later.
        let after = move |asked: Option<Instant>, period: Duration| {
            let due = asked.map(|asked| asked + period);
            due.max(allowed)
        };
        let streams = (
            Job::Streams,
            after(self.streams_asked, self.pace.stretched(periods.streams)),
        );
        let account = (
            Job::Account,
            after(self.account_asked, self.pace.stretched(ACCOUNT)),
        );
        let lists = self.streams.iter().filter(|(_, known)| known.load.consumers > 0);
        let lists = lists.map(move |(name, known)| {
            let period = self.period_of(known, &periods);
            let due = if known.looks < FIRST {
                known.asked.map(|asked| asked + period)
            } else {
                after(known.asked, period)
            };
            (Job::Consumers(name.clone()), due)
        });
        // Where lists come round that often, rows need no extra.
        let rows = self.rows.iter().filter(|_| self.is_large());
        let of_rows = self.pace.stretched(periods.rows);
        let rows = rows.map(move |(row, asked)| (Job::Row(row.clone()), after(*asked, of_rows)));
        [streams, account].into_iter().chain(lists).chain(rows)
    }
}

/// How often what is looked at.
#[derive(Clone, Copy, Debug)]
struct Periods {
    streams: Duration,
    moving: Duration,
    still: Duration,
    rows: Duration,
    /// Whether what is new may be looked at until it can be judged, as soon as can be.
    hurry: bool,
}

/// So long that `requests` in it are `per_s` a second, and not shorter than `shortest`.
fn period(requests: f64, per_s: f64, shortest: Duration) -> Duration {
    Duration::from_secs_f64(requests / per_s.max(f64::MIN_POSITIVE)).max(shortest)
}

fn number(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
