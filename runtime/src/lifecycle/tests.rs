use std::{collections::VecDeque, future::pending, time::Duration};

use super::{
    Reason, Shutdown, Signal,
    signals::{Source, obey},
};

const LONG: Duration = Duration::from_hours(1);

struct Scripted(VecDeque<Signal>);

impl Scripted {
    fn new(signals: impl IntoIterator<Item = Signal>) -> Self {
        Self(signals.into_iter().collect())
    }
}

impl Source for Scripted {
    async fn next(&mut self) -> Signal {
        match self.0.pop_front() {
            Some(signal) => signal,
            None => pending().await,
        }
    }
}

#[tokio::test]
async fn the_first_signal_drains_and_waits_for_tracked_tasks() {
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let (finish_tx, finish_rx) = tokio::sync::oneshot::channel::<()>();
    shutdown.spawn(async move {
        stop.draining().await;
        let _ = finish_rx.await;
    });
    let obeying = tokio::spawn(obey(shutdown.clone(), Scripted::new([Signal::Terminate]), LONG));
    shutdown.draining().await;
    assert!(!shutdown.is_ended());
    let waiting = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shutdown.finished().await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    finish_tx.send(()).unwrap();
    assert_eq!(waiting.await.unwrap(), Reason::Signal(Signal::Terminate));
    obeying.abort();
}

#[tokio::test]
async fn the_second_signal_drops_a_task_that_does_not_end() {
    let shutdown = Shutdown::new();
    shutdown.spawn(pending());
    obey(
        shutdown.clone(),
        Scripted::new([Signal::Interrupt, Signal::Terminate]),
        LONG,
    )
    .await;
    assert!(shutdown.is_ended());
    assert_eq!(shutdown.finished().await, Reason::Signal(Signal::Interrupt));
}

#[tokio::test]
async fn the_end_of_the_drain_time_is_a_hard_stop() {
    let shutdown = Shutdown::new();
    shutdown.spawn(pending());
    obey(
        shutdown.clone(),
        Scripted::new([Signal::Terminate]),
        Duration::from_millis(1),
    )
    .await;
    assert_eq!(shutdown.finished().await, Reason::Signal(Signal::Terminate));
}

#[tokio::test]
async fn a_drain_that_no_signal_asked_for_is_bounded_too() {
    let shutdown = Shutdown::new();
    shutdown.spawn(pending());
    shutdown.drain(Reason::Failure("the store is gone".to_owned()));
    obey(shutdown.clone(), Scripted::new([]), Duration::from_millis(1)).await;
    assert_eq!(
        shutdown.finished().await,
        Reason::Failure("the store is gone".to_owned())
    );
}

#[tokio::test]
async fn a_hard_stop_is_a_soft_stop_too() {
    let shutdown = Shutdown::new();
    shutdown.end(Reason::Requested);
    assert!(shutdown.is_draining());
    shutdown.draining().await;
}

#[tokio::test]
async fn stopping_the_whole_stops_a_part_but_not_the_other_way_round() {
    let whole = Shutdown::new();
    let (first, second) = (whole.part(), whole.part());
    first.drain(Reason::Requested);
    assert_eq!(first.finished().await, Reason::Requested);
    assert!(!whole.is_draining() && !second.is_draining());
    whole.drain(Reason::Signal(Signal::Terminate));
    assert_eq!(second.finished().await, Reason::Signal(Signal::Terminate));
    assert!(!second.is_ended());
    whole.end(Reason::Requested);
    assert!(second.is_ended());
}
