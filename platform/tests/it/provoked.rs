//! Situations, each provoked on a real nats-server and seen as `top` sees it: the state comes, with a reason and a command, and goes again.
//!
//! All run side by side. Each has an account of its own, so that for its observer it is alone, and is looked at as often as `top` looks. How
//! long everything took is printed; nothing fails by it.

mod acknowledging;
mod cluster;
mod link;
mod queue;
mod seen;
mod stage;
mod stream;
mod taking;
mod truth;
mod worker;

use std::fmt::Write as _;
use std::pin::Pin;

use snapshot::judge::Severity;
use testbed::nats::Server;

use stage::{Line, Stage};

type Run = Pin<Box<dyn Future<Output = Vec<Line>> + Send>>;
type Alone = fn() -> Run;
type Situation = (&'static str, fn(Stage) -> Run);

/// A situation, named as its function is.
macro_rules! situations {
    ($($module:ident::$name:ident),* $(,)?) => {
        [$((stringify!($name), |stage| Box::pin($module::$name(stage)))),*]
    };
}

const SITUATIONS: [Situation; 23] = situations![
    taking::the_worker_is_killed_and_comes_back,
    taking::the_worker_is_killed_while_idle,
    taking::a_worker_that_tells_of_itself_is_killed,
    taking::the_worker_is_killed_with_all_there_is,
    taking::nobody_listens_to_a_push_consumer,
    taking::the_worker_is_at_work_and_gets_nowhere,
    taking::nothing_is_delivered_for_longer_than_its_owner_wants,
    taking::it_has_nothing_to_do_and_then_something,
    acknowledging::the_worker_acknowledges_nothing,
    acknowledging::too_few_messages_may_be_out,
    acknowledging::every_message_is_given_back,
    acknowledging::some_messages_are_poison,
    acknowledging::more_are_out_than_its_owner_wants,
    queue::it_is_paused,
    queue::the_worker_is_too_slow,
    queue::messages_are_older_than_their_owner_wants,
    queue::more_requests_wait_than_its_owner_wants,
    queue::the_stream_drops_what_is_not_read,
    queue::the_stream_will_drop_what_is_not_read,
    queue::it_is_deleted_and_made_again,
    queue::it_is_purged_while_messages_wait,
    stream::the_stream_is_full,
    stream::it_has_more_messages_than_its_owner_wants,
];

/// Those that need servers of their own.
const APART: [(&str, Alone); 4] = [
    ("the_server_is_frozen", || Box::pin(link::the_server_is_frozen())),
    ("the_server_is_killed_and_started_again", || {
        Box::pin(link::the_server_is_killed_and_started_again())
    }),
    ("one_server_of_three_is_away", || {
        Box::pin(cluster::one_server_of_three_is_away())
    }),
    ("two_servers_of_three_are_away", || {
        Box::pin(cluster::two_servers_of_three_are_away())
    }),
];

/// A configuration with an account for each, whose user has the account's name and password.
fn accounts(names: impl Iterator<Item = String>) -> String {
    let mut text = String::from("accounts {\n");
    for name in names {
        writeln!(
            text,
            "  {name} {{ jetstream: enabled, users: [{{user: {name}, password: {name}}}] }}"
        )
        .unwrap();
    }
    text + "}"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn every_situation_is_named_and_ends() {
    let account = |number: usize| format!("A{number}");
    let server = Server::start_with(&accounts((0..SITUATIONS.len()).map(account))).unwrap();
    let mut running = Vec::new();
    for (number, (name, run)) in SITUATIONS.into_iter().enumerate() {
        let address = server.address();
        let situation = tokio::spawn(async move {
            let stage = Stage::open(address, Some(&account(number))).await;
            run(stage).await
        });
        running.push((name, situation));
    }
    running.extend(APART.map(|(name, run)| (name, tokio::spawn(run()))));
    let (mut table, mut failed) = (String::new(), Vec::new());
    for (name, situation) in running {
        match situation.await {
            Ok(lines) => write_lines(&mut table, name, &lines),
            Err(_) => failed.push(name),
        }
    }
    println!("{table}");
    assert!(failed.is_empty(), "{failed:#?}");
}

fn write_lines(table: &mut String, name: &str, lines: &[Line]) {
    writeln!(table, "{}", name.replace('_', " ")).unwrap();
    for line in lines {
        let severity = match line.severity {
            Severity::Ok | Severity::Info => "",
            Severity::Unknown => " unknown",
            Severity::Warn => " warn",
            Severity::Crit => " crit",
        };
        let state = format!("{}{severity}", line.state);
        let took = line.took.as_secs_f64();
        writeln!(
            table,
            "  {state:<22}{took:5.1} s  {}  [{}]",
            line.reason, line.command
        )
        .unwrap();
    }
}
