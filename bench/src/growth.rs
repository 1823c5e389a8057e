//! Whether the proxy's memory grows with the number of requests it has served, or failed to serve.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Error;
use crate::http::{Server, Workload};
use crate::load::{Load, Pace};
use crate::measure::mebibytes;
use crate::report::Growth;
use crate::sample::{self, Sample};
use crate::stack::Stack;

/// Connections used.
const ANSWERED_CALLERS: usize = 64;
/// More, because each waits for its deadline most of the time.
const UNANSWERED_CALLERS: usize = 800;
/// Load in portions of this length, until the count is reached.
const PORTION: Duration = Duration::from_secs(2);

/// Sends at least `requests` requests that are answered.
///
/// # Errors
///
/// When the load cannot be run.
pub fn answered(stack: &Stack, requests: u64) -> Result<Growth, Error> {
    let server = Server {
        address: stack.address,
        workload: (|| Sample) as fn() -> Sample,
    };
    grow(stack, &server, ANSWERED_CALLERS, "answered requests", requests)
}

/// Sends at least `requests` requests that nobody answers before their deadline of 100 ms.
///
/// # Errors
///
/// When the load cannot be run.
pub fn unanswered(stack: &mut Stack, requests: u64) -> Result<Growth, Error> {
    stack.stop_worker()?;
    let server = Server {
        address: stack.address,
        workload: (|| Impatient) as fn() -> Impatient,
    };
    grow(
        stack,
        &server,
        UNANSWERED_CALLERS,
        "requests that time out",
        requests,
    )
}

/// A tenth of the requests first, so that buffers and tables have the size they keep.
fn grow<W: Workload>(
    stack: &Stack,
    server: &Server<fn() -> W>,
    callers: usize,
    what: &'static str,
    requests: u64,
) -> Result<Growth, Error> {
    send(server, callers, requests / 10)?;
    let before = stack.proxy().usage()?.resident;
    let outcomes = send(server, callers, requests)?;
    let after = stack.proxy().usage()?.resident;
    Ok(Growth {
        what,
        requests: outcomes.values().sum(),
        before_mib: mebibytes(before),
        after_mib: mebibytes(after),
        outcomes,
    })
}

/// Sends at least `requests` requests and counts their outcomes.
fn send<W: Workload>(
    server: &Server<fn() -> W>,
    callers: usize,
    requests: u64,
) -> Result<BTreeMap<String, u64>, Error> {
    let mut outcomes = BTreeMap::new();
    while outcomes.values().sum::<u64>() < requests {
        let load = Load {
            callers,
            pace: Pace::Closed,
            warm_up: Duration::ZERO,
            measure: PORTION,
        };
        let recorder = load.run(server, || {})?.recorder;
        *outcomes.entry("answered".to_owned()).or_default() += recorder.answered();
        for (reason, count) in recorder.failures() {
            *outcomes.entry(reason.clone()).or_default() += count;
        }
    }
    outcomes.retain(|_, count| *count > 0);
    Ok(outcomes)
}

/// The sample with a deadline that passes before anything can be done.
struct Impatient;

impl Workload for Impatient {
    fn write_next(&mut self, bytes: &mut Vec<u8>) {
        sample::write(bytes, "x-request-timeout: 0.1\r\n");
    }
}
