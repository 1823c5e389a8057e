use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use proptest::prelude::*;

use super::{Delivery, Pending, Refusal, Signal, Stored, Ticket, Token};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll(ticket: &Ticket<u32>) -> Poll<Signal<u32>> {
    ticket.poll_signal(&mut Context::from_waker(Waker::noop()))
}

fn stored(sequence: u64) -> Stored {
    Stored {
        stream: "REQUESTS".into(),
        sequence,
        at: Instant::now(),
    }
}

#[test]
fn a_full_table_opens_no_slot_until_one_is_given_back() {
    let table: Arc<Pending<u32>> = Pending::new(2);
    let first = table.open(1, false).unwrap();
    let _second = table.open(2, false).unwrap();
    assert!(table.open(3, false).is_none());
    drop(first);
    assert!(table.open(4, false).is_some());
}

#[test]
fn a_good_acknowledgement_wakes_only_those_who_wait_for_it() {
    for (wants, wakes) in [(false, 0), (true, 1)] {
        let table: Arc<Pending<u32>> = Pending::new(1);
        let ticket = table.open(1, wants).unwrap();
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        assert!(ticket.poll_signal(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(table.stored(ticket.token(), stored(9)), Delivery::Accepted);
        assert_eq!(count.0.load(Ordering::Relaxed), wakes);
        assert_eq!(ticket.stored().unwrap().sequence, 9);
    }
}

#[test]
fn an_answer_may_come_before_the_acknowledgement_and_is_not_displaced() {
    let table: Arc<Pending<u32>> = Pending::new(1);
    let ticket = table.open(1, true).unwrap();
    assert_eq!(table.answer(ticket.token(), 7), Delivery::Accepted);
    table.stored(ticket.token(), stored(1));
    table.failed(ticket.token(), Signal::NoResponders);
    assert_eq!(poll(&ticket), Poll::Ready(Signal::Answer(7)));
}

#[test]
fn a_second_answer_is_late() {
    let table: Arc<Pending<u32>> = Pending::new(1);
    let ticket = table.open(1, false).unwrap();
    assert_eq!(table.answer(ticket.token(), 7), Delivery::Accepted);
    assert_eq!(table.answer(ticket.token(), 8), Delivery::Late);
    assert_eq!(poll(&ticket), Poll::Ready(Signal::Answer(7)));
}

#[test]
fn a_failure_after_a_success_of_an_earlier_try_means_nothing() {
    let table: Arc<Pending<u32>> = Pending::new(1);
    let ticket = table.open(1, false).unwrap();
    table.stored(ticket.token(), stored(3));
    let refusal = Refusal {
        status: 503,
        code: 10_077,
        description: String::new(),
    };
    table.failed(ticket.token(), Signal::Refused(refusal));
    assert!(poll(&ticket).is_pending());
}

#[test]
fn a_forged_nonce_opens_nothing() {
    let table: Arc<Pending<u32>> = Pending::new(1);
    let ticket = table.open(1, false).unwrap();
    let forged = Token {
        nonce: 2,
        ..ticket.token()
    };
    assert_eq!(table.answer(forged, 1), Delivery::Late);
    assert_eq!(
        table.answer(
            Token {
                slot: 77,
                ..ticket.token()
            },
            1
        ),
        Delivery::Late
    );
    assert!(poll(&ticket).is_pending());
}

#[derive(Clone, Debug)]
enum Step {
    Open { wants_stored: bool },
    Close(usize),
    Answer(usize, u32),
    Stored(usize),
    Fail(usize),
    Poll(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(|wants_stored| Step::Open { wants_stored }),
        2 => any::<usize>().prop_map(Step::Close),
        3 => (any::<usize>(), any::<u32>()).prop_map(|(who, answer)| Step::Answer(who, answer)),
        1 => any::<usize>().prop_map(Step::Stored),
        1 => any::<usize>().prop_map(Step::Fail),
        2 => any::<usize>().prop_map(Step::Poll),
    ]
}

/// What the table should know of one ticket.
struct Expected {
    ticket: Ticket<u32>,
    answers: usize,
    answer: Option<u32>,
}

proptest! {
    /// Any token ever issued may be used at any time. Only live ones are accepted, each gets its own first answer and
    /// no other, and the table is empty when all tickets are gone.
    #[test]
    fn tickets_get_their_own_answer_and_slots_never_leak(steps in proptest::collection::vec(step(), 1..200)) {
        const CAPACITY: usize = 5;
        let table: Arc<Pending<u32>> = Pending::new(CAPACITY);
        let mut issued: Vec<Token> = Vec::new();
        let mut live: HashMap<Token, Expected> = HashMap::new();
        let pick = |issued: &Vec<Token>, who: usize| issued.get(who % issued.len().max(1)).copied();
        for (at, step) in steps.into_iter().enumerate() {
            match step {
                Step::Open { wants_stored } => if let Some(ticket) = table.open(at as u64, wants_stored) {
                    prop_assert!(live.len() < CAPACITY && !issued.contains(&ticket.token()));
                    issued.push(ticket.token());
                    live.insert(ticket.token(), Expected { ticket, answers: 0, answer: None });
                } else {
                    prop_assert_eq!(live.len(), CAPACITY);
                },
                Step::Close(who) => {
                    if let Some(token) = pick(&issued, who) {
                        live.remove(&token);
                    }
                }
                Step::Answer(who, answer) => if let Some(token) = pick(&issued, who) {
                    let delivery = table.answer(token, answer);
                    match live.get_mut(&token) {
                        None => prop_assert_eq!(delivery, Delivery::Late),
                        Some(expected) => {
                            prop_assert_eq!(delivery == Delivery::Late, expected.answer.is_some());
                            expected.answer.get_or_insert(answer);
                        }
                    }
                },
                Step::Stored(who) => if let Some(token) = pick(&issued, who) {
                    let delivery = table.stored(token, stored(at as u64));
                    prop_assert_eq!(delivery == Delivery::Accepted, live.contains_key(&token));
                },
                Step::Fail(who) => if let Some(token) = pick(&issued, who) {
                    let delivery = table.failed(token, Signal::NoResponders);
                    prop_assert_eq!(delivery == Delivery::Accepted, live.contains_key(&token));
                },
                Step::Poll(who) => {
                    let Some(expected) = pick(&issued, who).and_then(|token| live.get_mut(&token)) else { continue };
                    if let Poll::Ready(Signal::Answer(answer)) = poll(&expected.ticket) {
                        expected.answers += 1;
                        prop_assert_eq!(Some(answer), expected.answer.take());
                    }
                }
            }
            prop_assert_eq!(table.len(), live.len());
        }
        live.clear();
        prop_assert!(table.is_empty());
    }
}
