//! What to ask the JetStream API next, and how seldom is often enough.
//!
//! The API is shared by everybody in the account, and in a cluster a list makes its leader ask every consumer's own. So the plan is by size: up to
//! 256 consumers the lists of streams in which something moves are read every 2 s, of the others seldom. Beyond that the rows that somebody looks at
//! are asked for one by one, and the lists come round in the background. All periods grow with the number of requests that they take, so that there is
//! about one a second for every 256 consumers, and with every sign that it was too much ([`Pace`]).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::observe::Row;
use crate::observe::pace::Pace;

/// The shortest time between two looks at the same thing.
const SHORTEST: Duration = Duration::from_secs(2);
/// The shortest time between two looks at where nothing moves.
const COLD: Duration = Duration::from_secs(6);
/// The same in a large account, where something moves and where nothing does.
const LARGE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(30));
/// How often the account is looked at.
const ACCOUNT: Duration = Duration::from_secs(10);
/// Looks after which a consumer can be judged; until then it is looked at as if something moved.
const WARM: u32 = 5;
/// Looks at consumers that stand still, one after the other, after which nothing moves there. Whoever has just stopped to take messages
/// is looked at as often as before until that is certain.
const COOL: u32 = 6;
/// Looks that follow each other as soon as they may: a rate needs two.
const FIRST: u32 = 2;
/// Consumers that are in one page of a list, and for which one request a second is allowed.
const UNIT: u64 = 256;
/// Rows that are asked for one by one, for each of these pages; of more the last ones are left to the lists.
const MOST_ROWS: usize = 4;
/// Shares of that for lists where something moves, where nothing does, and for single rows.
const SHARES: (f64, f64, f64) = (0.9, 0.35, 0.5);

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
    /// Stretches all periods.
    pub(super) pace: Pace,
}

impl Plan {
    /// Nothing is known; everything is due.
    pub(super) fn new() -> Self {
        Self {
            streams: BTreeMap::new(),
            stream_pages: 1,
            pages: (0, 0),
            consumers: 0,
            streams_asked: None,
            account_asked: None,
            rows: Vec::new(),
            pace: Pace::new(SHORTEST),
        }
    }

    /// Forgets when things were asked: all are due.
    pub(super) fn begin_anew(&mut self) {
        *self = Self {
            pace: self.pace,
            rows: self.rows.drain(..).map(|(row, _)| (row, None)).collect(),
            ..Self::new()
        };
    }

    /// These are the streams now; they took so many requests.
    pub(super) fn streams_are(&mut self, streams: impl IntoIterator<Item = (String, Load)>, pages: u64) {
        let before = std::mem::take(&mut self.streams);
        self.consumers = 0;
        for (name, load) in streams {
            let known = before.get(&name).map_or(
                Known {
                    load,
                    moving: true,
                    asked: None,
                    looks: 0,
                    consumers: (0, COOL),
                },
                |known| Known {
                    load,
                    moving: known.load.mark != load.mark || known.consumers.1 < COOL || known.looks < WARM,
                    consumers: known.consumers,
                    looks: known.looks,
                    // A consumer more or less: its name is wanted.
                    asked: known.asked.filter(|_| known.load.consumers == load.consumers),
                },
            );
            self.streams.insert(name, known);
        }
        self.stream_pages = pages.max(1);
        self.pages = (0, 0);
        for known in self.streams.values() {
            let pages = known.load.consumers.div_ceil(UNIT);
            let sum = if known.moving {
                &mut self.pages.0
            } else {
                &mut self.pages.1
            };
            *sum += pages;
            self.consumers += known.load.consumers;
        }
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
        let most = MOST_ROWS * usize::try_from(self.consumers.div_ceil(UNIT).max(1)).unwrap_or(1);
        let asked = |row: &Row| {
            self.rows
                .iter()
                .find(|(known, _)| known == row)
                .and_then(|(_, at)| *at)
        };
        self.rows = rows
            .iter()
            .take(most.max(1) * 4)
            .map(|row| (row.clone(), asked(row)))
            .collect();
    }

    /// What is due at `now`, the most urgent first.
    pub(super) fn due(&self, now: Instant) -> Option<Job> {
        let jobs = self.all().filter(|(_, due)| due.is_none_or(|due| due <= now));
        jobs.min_by_key(|(_, due)| *due).map(|(job, _)| job)
    }

    /// When something is due next.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let due = self.all().map(|(_, due)| due.unwrap_or(now));
        due.min().unwrap_or(now + SHORTEST)
    }

    /// It was asked.
    pub(super) fn asked(&mut self, job: &Job, now: Instant) {
        match job {
            Job::Streams => self.streams_asked = Some(now),
            Job::Account => self.account_asked = Some(now),
            Job::Consumers(stream) => {
                if let Some(known) = self.streams.get_mut(stream) {
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
    }

    /// How often the list of streams is read.
    pub(super) fn streams_period(&self) -> Duration {
        self.period(self.stream_pages, SHARES.2, SHORTEST)
    }

    /// How often the list of a stream's consumers is read.
    pub(super) fn consumers_period(&self, stream: &str) -> Duration {
        self.streams
            .get(stream)
            .map_or(SHORTEST, |known| self.period_of(known))
    }

    fn period_of(&self, known: &Known) -> Duration {
        if known.looks < FIRST {
            return self.pace.stretched(SHORTEST);
        }
        match (known.moving, self.is_large()) {
            (true, false) => self.period(self.pages.0, SHARES.0, SHORTEST),
            (false, false) => self.period(self.pages.1, SHARES.1, COLD),
            (true, true) => self.period(self.pages.0, SHARES.0, LARGE.0),
            (false, true) => self.period(self.pages.1, SHARES.1, LARGE.1),
        }
    }

    /// How often each of the rows is asked for.
    fn rows_period(&self) -> Duration {
        self.period(self.rows.len() as u64, SHARES.2, SHORTEST)
    }

    /// So long that `requests` in it are a share of what is allowed.
    fn period(&self, requests: u64, share: f64, shortest: Duration) -> Duration {
        let number = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let allowed_per_s = share * number(self.consumers.div_ceil(UNIT).max(1));
        let needed = Duration::from_secs_f64(number(requests) / allowed_per_s);
        self.pace.stretched(needed.max(shortest))
    }

    fn is_large(&self) -> bool {
        self.consumers > UNIT
    }

    /// Every job and when it is due; `None` is as soon as possible.
    fn all(&self) -> impl Iterator<Item = (Job, Option<Instant>)> {
        let after = |asked: Option<Instant>, period: Duration| asked.map(|asked| asked + period);
        let streams = (Job::Streams, after(self.streams_asked, self.streams_period()));
        let account = (
            Job::Account,
            after(self.account_asked, self.pace.stretched(ACCOUNT)),
        );
        let lists = self.streams.iter().filter(|(_, known)| known.load.consumers > 0);
        let lists = lists.map(move |(name, known)| {
            (
                Job::Consumers(name.clone()),
                after(known.asked, self.period_of(known)),
            )
        });
        // Where lists come round that often, rows need no extra.
        let rows = self.rows.iter().filter(|_| self.is_large());
        let rows = rows.map(move |(row, asked)| (Job::Row(row.clone()), after(*asked, self.rows_period())));
        [streams, account].into_iter().chain(lists).chain(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(consumers: u64, mark: u64) -> Load {
        Load { consumers, mark }
    }

    /// What is asked in a minute, by second, of streams that stay as `streams` says for that second.
    fn minute(plan: &mut Plan, streams: impl Fn(u64) -> Vec<(String, Load)>) -> Vec<(u64, Job)> {
        let begin = Instant::now();
        let mut asked = Vec::new();
        for tenth in 0..600 {
            let now = begin + Duration::from_millis(tenth * 100);
            while let Some(job) = plan.due(now) {
                if job == Job::Streams {
                    plan.streams_are(streams(tenth / 10), 1);
                }
                plan.asked(&job, now);
                asked.push((tenth / 10, job));
            }
            assert!(plan.next(now) > now);
        }
        asked
    }

    fn many(count: u64, consumers: u64) -> Vec<(String, Load)> {
        (0..count)
            .map(|number| (format!("S{number:03}"), load(consumers, 1)))
            .collect()
    }

    #[test]
    fn a_small_system_in_which_something_moves_is_looked_at_every_other_second() {
        let mut plan = Plan::new();
        let asked = minute(&mut plan, |second| {
            vec![
                ("A".to_owned(), load(1, second)),
                ("EMPTY".to_owned(), load(0, second)),
            ]
        });
        let lists = asked
            .iter()
            .filter(|(_, job)| *job == Job::Consumers("A".to_owned()))
            .count();
        assert!((28..=31).contains(&lists), "{lists}");
        assert!(
            !asked
                .iter()
                .any(|(_, job)| *job == Job::Consumers("EMPTY".to_owned()))
        );
    }

    #[test]
    fn two_looks_come_soon_whatever_the_size() {
        let mut plan = Plan::new();
        let asked = minute(&mut plan, |_| many(50, 40));
        let early = asked
            .iter()
            .filter(|(second, job)| *second <= 3 && matches!(job, Job::Consumers(_)));
        assert_eq!(early.count(), 100);
    }

    #[test]
    fn at_most_one_request_a_second_for_every_page_of_consumers() {
        for (streams, consumers, most) in [(5, 20, 60), (1, 100, 60), (50, 40, 8 * 60), (10, 200, 8 * 60)] {
            let mut plan = Plan::new();
            plan.rows_are(
                &(0..40)
                    .map(|number| Row {
                        stream: "S000".to_owned(),
                        consumer: format!("c{number}"),
                    })
                    .collect::<Vec<_>>(),
            );
            // The first minute has the looks that make everybody known.
            minute(&mut plan, |_| many(streams, consumers));
            plan.streams_asked = None;
            let asked = minute(&mut plan, |_| many(streams, consumers)).len();
            assert!(
                asked <= most,
                "{streams} streams of {consumers}: {asked} requests in a minute"
            );
        }
    }

    #[test]
    fn a_consumer_more_is_looked_for_at_once() {
        let mut plan = Plan::new();
        let asked = minute(&mut plan, |second| {
            vec![("A".to_owned(), load(if second < 40 { 1 } else { 2 }, 0))]
        });
        let list = Job::Consumers("A".to_owned());
        assert!(
            asked
                .iter()
                .any(|(second, job)| *job == list && (40..=42).contains(second)),
            "{asked:?}"
        );
    }

    #[test]
    fn consumers_that_stop_are_looked_at_as_often_for_a_while() {
        let mut plan = Plan::new();
        let list = Job::Consumers("A".to_owned());
        let begin = Instant::now();
        let mut asked = Vec::new();
        for second in 0..60 {
            let now = begin + Duration::from_secs(second);
            while let Some(job) = plan.due(now) {
                match &job {
                    Job::Streams => plan.streams_are([("A".to_owned(), load(1, 1))], 1),
                    // The last message is taken after 20 s.
                    Job::Consumers(stream) => plan.consumers_are(stream, second.min(20)),
                    _ => {}
                }
                plan.asked(&job, now);
                if job == list {
                    asked.push(second);
                }
            }
        }
        let between = |from: u64, to: u64| asked.iter().filter(|second| (from..to).contains(second)).count();
        assert!(between(20, 32) >= 5, "{asked:?}");
        assert!(between(40, 60) <= 4, "{asked:?}");
    }

    #[test]
    fn rows_are_asked_for_only_where_lists_are_too_large() {
        let row = Row {
            stream: "S000".to_owned(),
            consumer: "c".to_owned(),
        };
        let of = |plan: &mut Plan, consumers| {
            plan.rows_are(std::slice::from_ref(&row));
            minute(plan, |_| many(2, consumers))
                .iter()
                .filter(|(_, job)| matches!(job, Job::Row(_)))
                .count()
        };
        assert_eq!(of(&mut Plan::new(), 10), 0);
        let asked = of(&mut Plan::new(), 400);
        assert!((25..=31).contains(&asked), "{asked}");
    }

    #[test]
    fn everything_slows_down_when_it_was_too_much() {
        let mut plan = Plan::new();
        for _ in 0..3 {
            plan.pace.slower();
        }
        let asked = minute(&mut plan, |second| vec![("A".to_owned(), load(1, second))]);
        assert!(asked.len() <= 12, "{asked:?}");
    }
}
