//! Stopping, the polite and the other way.

use platform::event::Event;

use crate::family;
use crate::script::{mark, start, wait_for};

/// Ignores SIGTERM, as do its child and a grandchild in a session of its own.
const STUBBORN: &str =
    "trap '' TERM; sleep 2001 & setsid sh -c \"trap '' TERM; sleep 2002; :\" & sleep 2003; :";

async fn stubborn(mark: &str) -> platform::supervise::Supervised {
    let (supervised, _events) = start(STUBBORN, mark);
    for text in ["sleep 2001", "sleep 2002", "sleep 2003"] {
        let mark = mark.to_owned();
        tokio::task::spawn_blocking(move || family::wait_for(&mark, text))
            .await
            .unwrap();
    }
    supervised
}

#[tokio::test]
async fn a_program_may_clean_up_before_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("said-goodbye");
    let script = format!(
        "trap 'echo x >{}; exit 0' TERM; echo up; while :; do sleep 0.05; done",
        file.display()
    );
    let (supervised, mut events) = start(&script, &mark("polite"));
    wait_for(&mut events, |event| {
        matches!(event, Event::Line { .. }).then_some(())
    })
    .await;
    supervised.stop().await;
    assert!(file.exists());
    wait_for(&mut events, |event| {
        matches!(event, Event::Stopped { .. }).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_that_will_not_stop_is_ended_with_all_its_descendants() {
    let mark = mark("stubborn");
    stubborn(&mark).await.stop().await;
    assert_eq!(
        family::members(&mark),
        [],
        "when stop returns, nothing is left to wait for"
    );
}

#[tokio::test]
async fn one_that_is_let_go_ends_as_well() {
    let mark = mark("dropped");
    drop(stubborn(&mark).await);
    let gone = mark.clone();
    tokio::task::spawn_blocking(move || family::wait_until_gone(&gone))
        .await
        .unwrap();
}

#[tokio::test]
async fn one_that_is_paused_ends_as_well() {
    let mark = mark("paused");
    let (supervised, mut events) = start("kill -STOP $$; sleep 2004", &mark);
    wait_for(&mut events, |event| {
        matches!(event, Event::Ready { .. }).then_some(())
    })
    .await;
    supervised.stop().await;
    assert_eq!(family::members(&mark), []);
}

#[tokio::test]
async fn stopping_does_not_wait_for_the_next_start() {
    let (supervised, mut events) = start("exit 1", &mark("between"));
    wait_for(&mut events, |event| {
        matches!(event, Event::Ended { .. }).then_some(())
    })
    .await;
    supervised.stop().await;
    wait_for(&mut events, |event| {
        matches!(event, Event::Stopped { .. }).then_some(())
    })
    .await;
}
