//! The load generator: callers, the two ways to pace them, and what is counted.
//!
//! A load runs on a thread of its own with a single-threaded runtime: it shares the machine with what it measures, so
//! it must be cheap, and one thread can drive all that the system can answer.

mod closed;
mod open;
mod recorder;
mod window;

pub use recorder::{Latency, Recorder};
pub use window::Window;

use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::Duration;

use crate::Error;

/// Why one request did not count as answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The answer came, with a status outside of 200 to 299.
    #[error("status {0}")]
    Status(u16),
    /// The connection failed or the answer was not understood.
    #[error("{0}")]
    Broken(&'static str),
}

/// Something that makes one request at a time: an HTTP connection, or a place in the transport's inbox.
pub trait Caller: Send + 'static {
    /// Makes one request and waits for its whole answer.
    fn call(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Where callers come from.
pub trait Target: Sync {
    /// What [`Target::open`] opens.
    type Caller: Caller;
    /// Opens `count` callers on the runtime it is awaited on.
    fn open(&self, count: usize) -> impl Future<Output = Result<Vec<Self::Caller>, Error>>;
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Each caller sends its next request when the last one is answered: finds the highest throughput.
    Closed,
    /// Requests are due at a fixed rate a second, whatever the answers do. Latency counts from the moment a request
    /// was due, so the time it waited for a free caller is part of it (no coordinated omission).
    Open(u32),
}

/// One load: how many callers, at which pace, for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Callers that exist at once.
    pub callers: usize,
    /// When they send.
    pub pace: Pace,
    /// Time under load before anything is counted.
    pub warm_up: Duration,
    /// Time during which requests are counted.
    pub measure: Duration,
}

/// What one load saw.
#[derive(Debug)]
pub struct Measured {
    /// Time the requests were counted for.
    pub elapsed: Duration,
    /// Latencies of the answered requests, and the failures.
    pub recorder: Recorder,
}

impl Load {
    /// Runs the load; `at_edges` is called when counting begins and when it ends.
    ///
    /// # Errors
    ///
    /// When a caller cannot be opened.
    ///
    /// # Panics
    ///
    /// When the thread of the load panics.
    pub fn run<T: Target>(self, target: &T, mut at_edges: impl FnMut()) -> Result<Measured, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Runtime)?;
        let opened = Barrier::new(2);
        let recorder = std::thread::scope(|scope| {
            let driver = scope.spawn(|| runtime.block_on(self.drive(target, &opened)));
            opened.wait();
            std::thread::sleep(self.warm_up);
            at_edges();
            std::thread::sleep(self.measure);
            at_edges();
            driver.join().expect("the thread of the load does not panic")
        })?;
        Ok(Measured {
            elapsed: self.measure,
            recorder,
        })
    }

    /// Opens the callers, says so, and drives them.
    async fn drive<T: Target>(self, target: &T, opened: &Barrier) -> Result<Recorder, Error> {
        let callers = target.open(self.callers).await;
        opened.wait();
        let window = Window::starting_now(self.warm_up, self.measure);
        let recorder = Arc::new(Mutex::new(Recorder::default()));
        match self.pace {
            Pace::Closed => closed::drive(callers?, window, &recorder).await,
            Pace::Open(rate) => {
                let interval = Duration::from_secs(1) / rate.max(1);
                open::drive(callers?, window, interval, &recorder).await?;
            }
        }
        let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut recorder))
    }
}
