//! What becomes of programs that end.

use futures_util::future::BoxFuture;
use platform::event::{self, Event, Output};
use platform::supervise::{self, Launch, LaunchError, Phase, Program};
use rustix::process::Signal;

use crate::family;
use crate::script::{mark, settings, start, wait_for};

#[tokio::test]
async fn a_program_that_ends_is_started_again_and_its_ending_told() {
    let (supervised, mut events) = start("exit 3", &mark("ends"));
    let started = |event: &Event| match event {
        Event::Started { restarts, .. } => Some(*restarts),
        _ => None,
    };
    for expected in 0..4 {
        assert_eq!(wait_for(&mut events, started).await, expected);
        let ending = wait_for(&mut events, |event| match event {
            Event::Ended { ending, .. } => Some(ending.clone()),
            _ => None,
        });
        assert_eq!(ending.await, "exit status 3");
    }
    supervised.stop().await;
}

#[tokio::test]
async fn a_program_killed_by_a_signal_is_told_as_such() {
    let (supervised, mut events) = start("kill -SEGV $$", &mark("signal"));
    let ending = wait_for(&mut events, |event| match event {
        Event::Ended { ending, .. } => Some(ending.clone()),
        _ => None,
    });
    assert_eq!(ending.await, "ended by signal 11 (SIGSEGV)");
    supervised.stop().await;
}

#[tokio::test]
async fn every_line_of_both_outputs_is_told_before_the_end() {
    let (supervised, mut events) = start("echo one; printf 'tw\\377o' >&2; exit 0", &mark("lines"));
    let mut lines = Vec::new();
    loop {
        match events.recv().await.unwrap() {
            Event::Line {
                component,
                output,
                line,
                ..
            } => lines.push((component, output, line)),
            Event::Ended { .. } => break,
            _ => {}
        }
    }
    supervised.stop().await;
    lines.sort_by_key(|(_, output, _)| *output == Output::Stderr);
    let name = || "script".to_owned();
    let expected = [
        (name(), Output::Stdout, "one".to_owned()),
        (name(), Output::Stderr, "tw\u{fffd}o".to_owned()),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn nothing_of_a_program_that_ended_stays() {
    let mark = mark("left-behind");
    let (supervised, mut events) = start("sleep 1001 & setsid sleep 1002 & exit 1", &mark);
    wait_for(&mut events, |event| {
        matches!(event, Event::Ended { .. }).then_some(())
    })
    .await;
    supervised.stop().await;
    family::wait_until_gone(&mark);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_whose_guard_is_killed_goes_with_it_and_comes_again() {
    let mark = mark("guard-killed");
    let (supervised, mut events) = start("sleep 1003; :", &mark);
    let pid = wait_for(&mut events, |event| match event {
        Event::Started { pid, .. } => i32::try_from(*pid).ok(),
        _ => None,
    })
    .await;
    family::wait_for(&mark, "sleep 1003");
    family::signal(family::parent_of(pid), Signal::KILL);
    let ending = wait_for(&mut events, |event| match event {
        Event::Ended { ending, .. } => Some(ending.clone()),
        _ => None,
    });
    assert_eq!(ending.await, "its guard process was killed");
    let second = wait_for(&mut events, |event| match event {
        Event::Started { pid, .. } => i32::try_from(*pid).ok(),
        _ => None,
    })
    .await;
    assert_ne!(pid, second);
    supervised.stop().await;
    family::wait_until_gone(&mark);
}

struct Impossible;

impl Program for Impossible {
    fn name(&self) -> &'static str {
        "impossible"
    }

    fn launch(&mut self) -> BoxFuture<'_, Result<Launch, LaunchError>> {
        Box::pin(std::future::ready(Err(LaunchError(
            "there is no such program".to_owned(),
        ))))
    }
}

#[tokio::test]
async fn a_program_that_cannot_be_started_has_failed_for_good() {
    let (events, mut receiver) = event::channel();
    let supervised = supervise::start(Impossible, settings(), events);
    let status = supervised.settled().await;
    assert_eq!(
        (status.phase, status.reason.as_deref()),
        (Phase::Failed, Some("there is no such program"))
    );
    supervised.stop().await;
    let told = wait_for(&mut receiver, |event| {
        matches!(event, Event::Failed { .. }).then_some(())
    });
    told.await;
    assert_eq!(receiver.recv().await, None);
}
