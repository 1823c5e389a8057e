//! What is asked in a minute, of accounts of all sizes.

use test_case::test_case;

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
    let mut plan = Plan::new(Aside::default());
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
    let mut plan = Plan::new(Aside::default());
    let asked = minute(&mut plan, |_| many(50, 40));
    let early = asked
        .iter()
        .filter(|(second, job)| *second <= 3 && matches!(job, Job::Consumers(_)));
    assert_eq!(early.count(), 100);
}

/// The requests of five minutes, after one with the looks that make everybody known; `at` makes the streams of a second.
fn regular(rows: u64, asides: u64, at: impl Fn(u64) -> Vec<(String, Load)>) -> u64 {
    let aside = Aside::default();
    let mut plan = Plan::new(aside.clone());
    let row = |number| Row {
        stream: "S000".to_owned(),
        consumer: format!("c{number}"),
    };
    plan.rows_are(&(0..rows).map(row).collect::<Vec<_>>());
    let mut requests = 0;
    let begin = Instant::now();
    for tenth in 0..3_600 {
        let now = begin + Duration::from_millis(tenth * 100);
        let mut asked = 0;
        if asides > 0 && tenth % (600 / asides) == 0 {
            aside.asked();
            asked += 1;
        }
        while let Some(job) = plan.due(now) {
            let streams = at(tenth / 10);
            asked += match &job {
                Job::Consumers(name) => {
                    let (_, load) = streams.iter().find(|(known, _)| known == name).unwrap();
                    load.consumers.div_ceil(UNIT)
                }
                _ => 1,
            };
            if job == Job::Streams {
                plan.streams_are(streams, 1);
            }
            plan.asked(&job, now);
        }
        requests += if tenth >= 600 { asked } else { 0 };
    }
    requests
}

fn busy(count: u64, consumers: u64, second: u64) -> Vec<(String, Load)> {
    let all = many(count, consumers).into_iter();
    all.map(|(name, load)| (name, Load { mark: second, ..load }))
        .collect()
}

#[test_case(1, 100)]
#[test_case(3, 1; "several small ones")]
#[test_case(8, 1; "more small ones")]
#[test_case(40, 5; "many small ones")]
#[test_case(5, 20)]
#[test_case(2, 200; "just large")]
#[test_case(50, 40)]
#[test_case(10, 200)]
#[test_case(100, 20)]
#[test_case(1, 2_000; "one of many pages")]
fn at_most_one_request_a_second_for_every_page_of_consumers(streams: u64, consumers: u64) {
    // A round is asked for at once, and the five minutes may end just after it.
    let most = 300 * units(streams * consumers) + streams / 2;
    for (rows, asides) in [(0, 0), (40, 0), (40, 14)] {
        let quiet = regular(rows, asides, |_| many(streams, consumers));
        assert!(
            quiet <= most,
            "{quiet} requests in five minutes in which nothing happens"
        );
        let busy = regular(rows, asides, |second| busy(streams, consumers, second));
        assert!(
            busy <= most,
            "{busy} requests in five minutes in which everything moves"
        );
    }
}

#[test]
fn consumers_that_come_and_go_everywhere_cost_no_more() {
    let asked = regular(0, 0, |second| busy(50, 3 + second / 2 % 2, second));
    assert!(asked <= 300, "{asked}");
}

#[test]
fn what_is_said_of_the_next_look_is_true() {
    for (streams, consumers) in [(1, 1), (8, 1), (40, 5), (50, 40), (3, 300)] {
        let mut plan = Plan::new(Aside::default());
        let begin = Instant::now();
        let mut said: BTreeMap<String, Instant> = BTreeMap::new();
        for tenth in 0..1_200 {
            let now = begin + Duration::from_millis(tenth * 100);
            while let Some(job) = plan.due(now) {
                if job == Job::Streams {
                    // All of it stops after half the time.
                    plan.streams_are(busy(streams, consumers, tenth.min(600) / 10), 1);
                }
                plan.asked(&job, now);
                if let Job::Consumers(name) = job {
                    let late = said.insert(name.clone(), now + plan.consumers_period(&name) * 3);
                    assert!(
                        late.is_none_or(|late| now < late),
                        "{name} of {streams} is stale after {} s",
                        tenth / 10
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_new_is_looked_at_until_it_can_be_judged() {
    for (streams, consumers) in [(3, 1), (8, 1), (50, 40)] {
        let mut plan = Plan::new(Aside::default());
        let asked = minute(&mut plan, |_| many(streams, consumers));
        let early = asked
            .iter()
            .filter(|(second, job)| *second <= 12 && matches!(job, Job::Consumers(_)));
        assert!(early.count() >= usize::try_from(streams).unwrap() * 5);
    }
}

#[test]
fn a_consumer_more_is_looked_for_at_once() {
    let mut plan = Plan::new(Aside::default());
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
    let mut plan = Plan::new(Aside::default());
    let list = Job::Consumers("A".to_owned());
    let begin = Instant::now();
    let mut asked = Vec::new();
    for tenth in 0..600_u64 {
        let (now, second) = (begin + Duration::from_millis(tenth * 100), tenth / 10);
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
    assert_eq!(of(&mut Plan::new(Aside::default()), 10), 0);
    let asked = of(&mut Plan::new(Aside::default()), 400);
    assert!((25..=31).contains(&asked), "{asked}");
}

#[test]
fn everything_slows_down_when_it_was_too_much() {
    let mut plan = Plan::new(Aside::default());
    for _ in 0..3 {
        plan.pace.slower();
    }
    let asked = minute(&mut plan, |second| vec![("A".to_owned(), load(1, second))]);
    assert!(asked.len() <= 12, "{asked:?}");
}
