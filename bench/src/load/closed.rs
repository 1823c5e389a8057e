//! The closed loop: every caller sends again as soon as it is answered.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::task::JoinSet;

use super::{Caller, Recorder, Window};

/// Drives the callers until the window closes and each has finished its last request.
pub(super) async fn drive<C: Caller>(callers: Vec<C>, window: Window, recorder: &Arc<Mutex<Recorder>>) {
    let mut tasks = JoinSet::new();
    for caller in callers {
        tasks.spawn(repeat(caller, window, Arc::clone(recorder)));
    }
    tasks.join_all().await;
}

async fn repeat<C: Caller>(mut caller: C, window: Window, recorder: Arc<Mutex<Recorder>>) {
    let mut sent = Instant::now();
    while sent < window.close {
        let outcome = caller.call().await;
        let answered = Instant::now();
        if window.counts(answered) {
            let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
            recorder.record(answered - sent, &outcome);
        }
        sent = answered;
    }
}
