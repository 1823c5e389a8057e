//! Hand-made histories, each with one thing wrong.

use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::history::{Answer, Attempt, Outcome};

const DEADLINE: Duration = Duration::from_secs(5);

fn answer(status: u16, id: &str) -> Answer {
    let body = Bytes::from(format!("{{\"id\":\"{id}\"}}"));
    Answer {
        status,
        replayed: false,
        etag: Some("\"1\"".into()),
        location: None,
        body,
    }
}

fn attempt(outcome: Outcome) -> Attempt {
    Attempt {
        phase: 0,
        sent: Duration::ZERO,
        deadline: DEADLINE,
        took: Duration::from_millis(3),
        outcome,
    }
}

fn answered(status: u16, id: &str) -> Attempt {
    attempt(Outcome::Answered(answer(status, id)))
}

fn write(key: &str, action: Action, attempts: Vec<Attempt>) -> Write {
    Write {
        key: key.into(),
        action,
        attempts,
    }
}

/// A rating that was made by `a` and replaced by `b`, with everything in order.
fn history() -> Vec<Write> {
    vec![
        write(
            "a",
            Action::Create(Kind::Rating),
            vec![answered(504, ""), answered(201, "1")],
        ),
        write(
            "b",
            Action::Replace,
            vec![attempt(Outcome::Broken("reset".into())), answered(200, "1")],
        ),
    ]
}

fn findings() -> Findings {
    let row = Row {
        kind: Kind::Rating,
        id: "1".into(),
        created_by: "a".into(),
        replaced_by: Some("b".into()),
        version: 2,
    };
    let readable = Readable {
        created_by: "a".into(),
        replaced_by: Some("b".into()),
    };
    let event = |version| Event {
        aggregate: "1".into(),
        version,
    };
    Findings {
        rows: vec![row],
        readable: HashMap::from([("1".into(), readable)]),
        events: vec![event(1), event(2)],
        ..Findings::default()
    }
}

#[test]
fn a_history_in_order_is_clean() {
    let verdict = check(&history(), &findings());
    assert!(verdict.is_clean(), "{verdict:?}");
}

#[test]
fn a_success_without_a_row_is_lost() {
    let verdict = check(&history(), &Findings::default());
    assert_eq!(verdict.lost, ["a", "b"]);
}

#[test]
fn a_success_nobody_can_read_is_lost() {
    let mut findings = findings();
    findings.readable.clear();
    assert_eq!(check(&history(), &findings).lost, ["a", "b"]);
}

#[test]
fn a_success_under_another_id_is_lost() {
    let mut history = history();
    history[0].attempts[1] = answered(201, "2");
    assert_eq!(check(&history, &findings()).lost, ["a"]);
}

#[test]
fn a_replacement_that_was_overwritten_is_lost() {
    let mut findings = findings();
    findings.rows[0].replaced_by = None;
    findings.rows[0].version = 1;
    findings.events.pop();
    assert_eq!(check(&history(), &findings).lost, ["b"]);
}

#[test]
fn a_second_row_of_one_key_is_doubled() {
    let mut findings = findings();
    let second = Row {
        id: "2".into(),
        version: 1,
        replaced_by: None,
        ..findings.rows[0].clone()
    };
    findings.events.push(Event {
        aggregate: "2".into(),
        version: 1,
    });
    findings.rows.push(second);
    assert_eq!(check(&history(), &findings).doubled, ["a"]);
}

#[test]
fn a_replacement_applied_twice_is_doubled() {
    let mut findings = findings();
    findings.rows[0].version = 3;
    findings.events.push(Event {
        aggregate: "1".into(),
        version: 3,
    });
    assert_eq!(check(&history(), &findings).doubled, ["b"]);
}

#[test]
fn a_row_of_an_unknown_key_is_unexpected() {
    let mut findings = findings();
    findings.rows[0].created_by = "c".into();
    let verdict = check(&history(), &findings);
    assert_eq!(
        (verdict.unexpected, verdict.lost),
        (vec!["1".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn a_row_of_a_write_that_was_never_sent_is_unexpected() {
    let mut history = history();
    history[0].attempts.clear();
    assert_eq!(check(&history, &findings()).unexpected, ["1"]);
}

#[test]
fn an_effect_without_an_answer_is_unsettled_but_not_unexpected() {
    let mut history = history();
    history[0].attempts.pop();
    let verdict = check(&history, &findings());
    assert_eq!(
        (verdict.unsettled, verdict.unexpected.len()),
        (vec!["a".to_owned()], 0)
    );
}

#[test]
fn only_an_answer_after_the_grace_is_late() {
    let mut history = history();
    history[0].attempts[0].took = DEADLINE + GRACE;
    assert_eq!(check(&history, &findings()).late, 0);
    history[0].attempts[0].took = DEADLINE + GRACE + Duration::from_millis(1);
    assert_eq!(check(&history, &findings()).late, 1);
}

#[test]
fn a_replay_with_other_bytes_differs() {
    let mut history = history();
    let replay = Answer {
        replayed: true,
        ..answer(201, "1")
    };
    history[0]
        .attempts
        .push(attempt(Outcome::Answered(replay.clone())));
    assert_eq!(check(&history, &findings()).differing_replays, 0);
    let other = Answer {
        body: Bytes::from_static(b"{\"id\": \"1\"}"),
        ..replay.clone()
    };
    history[0].attempts.push(attempt(Outcome::Answered(other)));
    history[0].attempts.push(attempt(Outcome::Answered(Answer {
        replayed: false,
        ..replay
    })));
    assert_eq!(check(&history, &findings()).differing_replays, 2);
}

#[test]
fn a_conflict_after_an_unknown_outcome_is_a_refusal() {
    let mut history = history();
    history[0].attempts[1] = answered(409, "");
    let verdict = check(&history, &findings());
    assert_eq!(verdict.refused, [("a".to_owned(), 409)]);
}

#[test]
fn a_conflict_that_says_the_first_attempt_still_runs_may_be_retried() {
    let mut history = history();
    let running = Answer {
        body: Bytes::from_static(b"{\"retryable\":true}"),
        ..answer(409, "")
    };
    history[0].attempts.insert(0, attempt(Outcome::Answered(running)));
    assert!(check(&history, &findings()).is_clean());
}

#[test]
fn events_must_be_there_once_in_order_and_of_something() {
    let wrong = |change: fn(&mut Vec<Event>)| {
        let mut findings = findings();
        change(&mut findings.events);
        check(&history(), &findings).events.len()
    };
    assert_eq!(wrong(|events| drop(events.pop())), 1, "missing");
    assert_eq!(wrong(|events| events.push(events[1].clone())), 1, "twice");
    assert_eq!(wrong(|events| events.reverse()), 1, "out of order");
    assert_eq!(
        wrong(|events| events.push(Event {
            aggregate: "9".into(),
            version: 1
        })),
        1,
        "of nothing"
    );
}

#[test]
fn messages_left_in_the_streams_count() {
    let findings = Findings {
        left_in_requests: 2,
        dead: 1,
        ..findings()
    };
    assert_eq!(check(&history(), &findings).leftovers, 3);
}
