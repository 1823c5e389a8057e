//! Which message to ask for next: those of the selected consumer first, then of the worst.

use super::{ConsumerKey, State};
use crate::sample::{Millis, Position, Query};

/// Rows whose messages are asked for besides the selected one.
const ROWS: usize = 10;

/// Between two questions, in milliseconds.
const PAUSE: Millis = 500;

/// Between two equal questions of the selected row, and of another.
const AGAIN: (Millis, Millis) = (1_500, 10_000);

/// A consumer of more subjects than this is not asked for: each of them is a question of its own.
const SUBJECTS: usize = 4;

/// How long the list of the worst is good, in milliseconds.
const GOOD: Millis = 900;

#[derive(Debug, Default)]
pub(super) struct Asking {
    pub(super) selected: Option<ConsumerKey>,
    worst: Vec<ConsumerKey>,
    /// When `worst` was made.
    ranked: Option<Millis>,
    last: Option<Millis>,
    turn: usize,
}

/// The next question, if it is time for one.
pub(super) fn next(state: &mut State, at: Millis) -> Option<Query> {
    let since = state.asking.last.map(|last| at.saturating_sub(last));
    if since.is_some_and(|since| (0..PAUSE).contains(&since)) {
        return None;
    }
    let selected = state.asking.selected.clone();
    if let Some(query) = selected.and_then(|key| question(state, &key, at, AGAIN.0)) {
        return Some(query);
    }
    let ranked = state.asking.ranked.map(|ranked| at.saturating_sub(ranked));
    if ranked.is_none_or(|since| !(0..GOOD).contains(&since)) {
        state.asking.worst = state.worst(ROWS);
        state.asking.ranked = Some(at);
    }
    for _ in 0..state.asking.worst.len() {
        state.asking.turn = state.asking.turn.wrapping_add(1);
        let key = state
            .asking
            .worst
            .get(state.asking.turn % state.asking.worst.len())?
            .clone();
        if let Some(query) = question(state, &key, at, AGAIN.1) {
            return Some(query);
        }
    }
    None
}

fn question(state: &mut State, key: &ConsumerKey, at: Millis, again: Millis) -> Option<Query> {
    let entry = state.streams.get_mut(&key.stream())?;
    let direct = entry.sample.as_ref().is_some_and(|sample| sample.allow_direct);
    let consumer = entry.consumers.get_mut(&key.consumer)?;
    let sample = consumer.sample.as_ref()?;
    if sample.filter_subjects.len() > SUBJECTS {
        return None;
    }
    let places = [
        (Position::Next, sample.num_pending, sample.delivered.stream_seq),
        (
            Position::OldestUnacked,
            sample.num_ack_pending,
            sample.ack_floor.stream_seq,
        ),
    ];
    for (slot, (position, there, done)) in places.into_iter().enumerate() {
        let asked = consumer.asked[slot].is_some_and(|last| (0..again).contains(&at.saturating_sub(last)));
        if there == 0 || asked || consumer.exact.message(position, done).is_some() {
            continue;
        }
        consumer.asked[slot] = Some(at);
        state.asking.last = Some(at);
        return Some(Query {
            account: key.account.clone(),
            stream: key.stream.clone(),
            consumer: key.consumer.clone(),
            position,
            seq: done.saturating_add(1),
            filter_subjects: sample.filter_subjects.clone(),
            direct,
        });
    }
    None
}
