//! The open loop: requests are due at a fixed rate, and a late start counts as latency.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::{Caller, Recorder, Window};
use crate::Error;

/// Drives the callers with one request due every `interval`, until the window closes and all are answered.
pub(super) async fn drive<C: Caller>(
    callers: Vec<C>,
    window: Window,
    interval: Duration,
    recorder: &Arc<Mutex<Recorder>>,
) -> Result<(), Error> {
    // pacer -> whichever caller is free: when requests are due.
    let (due_tx, due_rx) = unbounded_channel();
    let pacer = std::thread::Builder::new()
        .name("pacer".into())
        .spawn(move || pace(window, interval, &due_tx))
        .map_err(Error::Runtime)?;
    let due_rx = Arc::new(tokio::sync::Mutex::new(due_rx));
    let mut tasks = JoinSet::new();
    for caller in callers {
        tasks.spawn(serve(caller, Arc::clone(&due_rx), window, Arc::clone(recorder)));
    }
    tasks.join_all().await;
    pacer.join().expect("the pacer does not panic");
    Ok(())
}

/// Says when requests are due. A thread, because the runtime's timers have a resolution of a millisecond, which is
/// longer than what is measured.
fn pace(window: Window, interval: Duration, due_tx: &UnboundedSender<Instant>) {
    // Without it the kernel may wake the thread 50 µs late; refused in some sandboxes, which costs only precision.
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1_000)).ok();
    let mut due = window.begin;
    while due < window.close {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if due_tx.send(due).is_err() {
            return;
        }
        due += interval;
    }
}

async fn serve<C: Caller>(
    mut caller: C,
    due_rx: Arc<tokio::sync::Mutex<UnboundedReceiver<Instant>>>,
    window: Window,
    recorder: Arc<Mutex<Recorder>>,
) {
    loop {
        let next = due_rx.lock().await.recv().await;
        let Some(due) = next else { return };
        let outcome = caller.call().await;
        if window.counts(due) {
            let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
            recorder.record(due.elapsed(), &outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Failure;

    struct Slow;

    impl Caller for Slow {
        async fn call(&mut self) -> Result<(), Failure> {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_wait_for_a_free_caller_is_part_of_the_latency() {
        let recorder = Arc::new(Mutex::new(Recorder::default()));
        let window = Window::starting_now(Duration::ZERO, Duration::from_millis(200));
        // 20 requests are due within 200 ms and the only caller needs at least 50 ms each: the last waits for 19.
        drive(vec![Slow], window, Duration::from_millis(10), &recorder)
            .await
            .unwrap();
        let recorder = recorder.lock().unwrap();
        assert_eq!(recorder.answered(), 20);
        assert!(recorder.latency().max_us >= 800_000.0, "{:?}", recorder.latency());
    }
}
