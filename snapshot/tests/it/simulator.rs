//! A small model of one stream with one consumer and its worker, in steps of 10 ms. It does what a server does where `top`
//! looks: sequences, pending, acknowledgements, repeated deliveries, pauses, purges, limits. It knows the truth.

mod sampling;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use snapshot::sample::Replay;

pub(crate) const MS: i64 = 1_000_000;
pub(crate) const STEP: i64 = 10 * MS;
pub(crate) const BEGIN: i64 = 1_700_000_000_000 * MS;

/// What the worker does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Acknowledges it.
    Ack,
    /// Gives every n-th message back each time, and acknowledges the others.
    NakEvery(u64),
    /// Keeps it and says nothing.
    Nothing,
}

/// What there is of a message that is out.
#[derive(Clone, Copy, Debug)]
struct Out {
    deadline: i64,
    deliveries: u64,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that a test turns on and off"
)]
pub(crate) struct Simulator {
    pub(crate) now: i64,
    pub(crate) created: i64,
    // The stream.
    pub(crate) messages: BTreeMap<u64, i64>,
    pub(crate) last_seq: u64,
    pub(crate) max_msgs: Option<u64>,
    pub(crate) max_age: Option<i64>,
    pub(crate) discard_new: bool,
    pub(crate) workqueue: bool,
    pub(crate) refused: u64,
    pub(crate) publish_per_s: f64,
    publish_rest: f64,
    pub(crate) mirror_lag: Option<u64>,
    // The consumer.
    pub(crate) push: Option<bool>,
    pub(crate) ack_wait: i64,
    pub(crate) max_ack_pending: u64,
    pub(crate) max_deliver: Option<u64>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) leader: Option<String>,
    pub(crate) replica_lag: u64,
    pub(crate) paused: bool,
    pub(crate) stuck_server: bool,
    pub(crate) replay: Replay,
    next_seq: u64,
    pub(crate) consumer_seq: u64,
    pub(crate) stream_seq: u64,
    out: BTreeMap<u64, Out>,
    again: VecDeque<u64>,
    redelivered: BTreeSet<u64>,
    last_delivery: Option<i64>,
    last_ack: Option<i64>,
    // The worker.
    pub(crate) alive: bool,
    pub(crate) slots: usize,
    pub(crate) takes: i64,
    pub(crate) does: Does,
    busy: Vec<(i64, u64)>,
    // The truth.
    pub(crate) acked: u64,
    pub(crate) repeated: u64,
}

impl Simulator {
    /// A stream that gets 50 messages a second, and a worker that could take four times as many.
    pub(crate) fn new() -> Self {
        Self {
            now: BEGIN,
            created: BEGIN - 3_600_000 * MS,
            messages: BTreeMap::new(),
            last_seq: 0,
            max_msgs: None,
            max_age: None,
            discard_new: false,
            workqueue: true,
            refused: 0,
            publish_per_s: 50.0,
            publish_rest: 0.0,
            mirror_lag: None,
            push: None,
            ack_wait: 30_000 * MS,
            max_ack_pending: 1_000,
            max_deliver: None,
            metadata: BTreeMap::new(),
            leader: Some("n1".to_owned()),
            replica_lag: 0,
            paused: false,
            stuck_server: false,
            replay: Replay::Instant,
            next_seq: 1,
            consumer_seq: 0,
            stream_seq: 0,
            out: BTreeMap::new(),
            again: VecDeque::new(),
            redelivered: BTreeSet::new(),
            last_delivery: None,
            last_ack: None,
            alive: true,
            slots: 10,
            takes: 50 * MS,
            does: Does::Ack,
            busy: Vec::new(),
            acked: 0,
            repeated: 0,
        }
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn pass(&mut self, milliseconds: i64) {
        let end = self.now + milliseconds * MS;
        while self.now < end {
            self.now += STEP;
            self.publish_by_rate();
            self.expire();
            self.work();
            self.deliver();
        }
    }

    fn publish_by_rate(&mut self) {
        self.publish_rest += self.publish_per_s / 100.0;
        while self.publish_rest >= 1.0 {
            self.publish_rest -= 1.0;
            self.publish(1);
        }
    }

    pub(crate) fn publish(&mut self, count: u64) {
        for _ in 0..count {
            let full = self
                .max_msgs
                .is_some_and(|most| self.messages.len() as u64 >= most);
            if full && self.discard_new {
                self.refused += 1;
                continue;
            }
            self.last_seq += 1;
            self.messages.insert(self.last_seq, self.now);
            if full {
                let (seq, _) = self.messages.pop_first().unwrap();
                self.leave(seq);
            }
        }
    }

    fn expire(&mut self) {
        if let Some(age) = self.max_age {
            while self
                .messages
                .first_key_value()
                .is_some_and(|(_, ts)| self.now - ts > age)
            {
                let (seq, _) = self.messages.pop_first().unwrap();
                self.leave(seq);
            }
        }
        let late: Vec<u64> = self
            .out
            .iter()
            .filter(|(_, out)| out.deadline <= self.now)
            .map(|(seq, _)| *seq)
            .collect();
        for seq in late {
            self.return_of(seq);
        }
    }

    fn leave(&mut self, seq: u64) {
        self.out.remove(&seq);
        self.redelivered.remove(&seq);
        self.again.retain(|one| *one != seq);
    }

    /// A message comes back unacknowledged.
    fn return_of(&mut self, seq: u64) {
        let Some(out) = self.out.get_mut(&seq) else { return };
        out.deadline = i64::MAX;
        if self.max_deliver.is_some_and(|most| out.deliveries >= most) {
            // Parked: not pending any more, but still marked.
            self.out.remove(&seq);
            self.redelivered.insert(seq);
        } else {
            self.again.push_back(seq);
        }
    }

    fn work(&mut self) {
        let (now, does) = (self.now, self.does);
        let done: Vec<u64> = self
            .busy
            .iter()
            .filter(|(at, _)| *at <= now)
            .map(|(_, seq)| *seq)
            .collect();
        if does == Does::Nothing {
            return;
        }
        self.busy.retain(|(at, _)| *at > now);
        for seq in done {
            match does {
                Does::NakEvery(nth) if seq % nth == 0 => self.return_of(seq),
                _ => self.ack(seq),
            }
        }
    }

    fn ack(&mut self, seq: u64) {
        if self.out.remove(&seq).is_none() {
            return;
        }
        self.acked += 1;
        self.last_ack = Some(self.now);
        self.redelivered.remove(&seq);
        self.again.retain(|one| *one != seq);
        if self.workqueue {
            self.messages.remove(&seq);
        }
    }

    fn deliver(&mut self) {
        while self.alive && !self.paused && !self.stuck_server && self.busy.len() < self.slots {
            let (seq, repeated) = if let Some(seq) = self.again.pop_front() {
                (seq, true)
            } else if self.out.len() as u64 >= self.max_ack_pending {
                return;
            } else if let Some((seq, _)) = self.messages.range(self.next_seq..).next() {
                (*seq, false)
            } else {
                return;
            };
            self.hand_over(seq, repeated);
        }
    }

    fn hand_over(&mut self, seq: u64, repeated: bool) {
        self.consumer_seq += 1;
        self.last_delivery = Some(self.now);
        let deadline = self.now + self.ack_wait;
        if repeated {
            self.repeated += 1;
            self.redelivered.insert(seq);
            let out = self.out.get_mut(&seq).unwrap();
            (out.deadline, out.deliveries) = (deadline, out.deliveries + 1);
        } else {
            self.next_seq = seq + 1;
            self.stream_seq = seq;
            self.out.insert(
                seq,
                Out {
                    deadline,
                    deliveries: 1,
                },
            );
        }
        self.busy.push((self.now + self.takes, seq));
    }

    /// The worker dies: what it holds is not answered.
    pub(crate) fn kill(&mut self) {
        self.alive = false;
        self.busy.clear();
    }

    pub(crate) fn purge(&mut self) {
        for seq in std::mem::take(&mut self.messages).into_keys() {
            self.leave(seq);
        }
        self.next_seq = self.last_seq + 1;
        self.stream_seq = self.last_seq;
    }

    /// Another consumer of the same name.
    pub(crate) fn recreate(&mut self) {
        self.created = self.now;
        (self.next_seq, self.consumer_seq, self.stream_seq) = (1, 0, 0);
        self.out.clear();
        self.again.clear();
        self.redelivered.clear();
        self.busy.clear();
        (self.last_delivery, self.last_ack) = (None, None);
    }

    /// Messages that wait: none is missing among them, because only the oldest are ever dropped.
    pub(crate) fn pending(&self) -> u64 {
        let first = self
            .messages
            .first_key_value()
            .map_or(self.last_seq + 1, |(seq, _)| *seq);
        (self.last_seq + 1).saturating_sub(first.max(self.next_seq))
    }

    /// Age of the message to be delivered next.
    pub(crate) fn time_lag(&self) -> i64 {
        self.messages
            .range(self.next_seq..)
            .next()
            .map_or(0, |(_, ts)| self.now - ts)
    }

    fn waiting(&self) -> u64 {
        if self.alive && self.push.is_none() {
            (self.slots - self.busy.len()) as u64
        } else {
            0
        }
    }

    fn floor(&self) -> u64 {
        self.out
            .first_key_value()
            .map_or(self.stream_seq, |(seq, _)| seq - 1)
    }
}
