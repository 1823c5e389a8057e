//! Ends the waits of a connection that take too long.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use super::{Settings, meters::Closed, pulse::Pulse};

/// One timer a connection. It is only moved when it must fire earlier, or has fired: a connection in steady use does not touch it.
#[derive(Debug)]
pub(super) struct Watchdog {
    timer: Pin<Box<Sleep>>,
    /// Whether the timer knows whom to wake. A task keeps its waker, so once is enough.
    is_registered: bool,
}

impl Watchdog {
    pub(super) fn new(first: Duration) -> Self {
        Self {
            timer: Box::pin(sleep_until(Instant::now() + first)),
            is_registered: false,
        }
    }

    /// Resolves when the connection has waited too long for what its pulse says it waits for.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, settings: &Settings, pulse: &Pulse) -> Poll<Closed> {
        loop {
            let deadline = pulse.deadline(settings);
            if let Some((at, _)) = deadline
                && self.timer.deadline() > at
            {
                self.reset(at);
            }
            if self.is_pending(cx) {
                return Poll::Pending;
            }
            let now = Instant::now();
            match deadline {
                Some((at, cause)) if now >= at => return Poll::Ready(cause),
                Some((at, _)) => self.reset(at),
                // A request may end without waking this task: look again later.
                None => self.reset(now + settings.idle_timeout.max(Duration::from_secs(1))),
            }
        }
    }

    fn reset(&mut self, at: Instant) {
        self.timer.as_mut().reset(at);
        self.is_registered = false;
    }

    fn is_pending(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.is_registered || self.timer.is_elapsed() {
            self.is_registered = self.timer.as_mut().poll(cx).is_pending();
        }
        self.is_registered
    }
}
