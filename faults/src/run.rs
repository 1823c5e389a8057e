//! One run: writers at work, one fault after the other, healing, and the judgement.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::checker::{self, Verdict};
use crate::fault::{Fault, Phase, Plan};
use crate::history::Write;
use crate::report::{Report, Row};
use crate::system::{PATIENCE, POLL, System};
use crate::writer::{Run, Writer};
use crate::{Error, database, findings};

/// The passage of its stage at which a worker dies; later by this much each time, so that the moments differ.
const FIRST_PASSAGE: u32 = 40;
const PASSAGE_STEP: u32 = 7;

/// Carries out a plan; `program` is this crate's own, to be started as proxy and worker.
///
/// # Errors
///
/// When it cannot be carried out; what is found out is in the report.
pub async fn run(program: &Path, plan: &Plan) -> Result<Report, Error> {
    let mut system = System::start(program).await?;
    let run = Arc::new(Run {
        proxy: system.address,
        began: Instant::now(),
        phase: AtomicUsize::new(0),
        successes: (0..plan.writers).map(|_| AtomicUsize::new(0)).collect(),
        stop: CancellationToken::new(),
        give_up: CancellationToken::new(),
    });
    let mut writers = JoinSet::new();
    for number in 0..plan.writers {
        writers.spawn(Writer::new(Arc::clone(&run), number).work());
    }
    let mut disturbances = Vec::new();
    for (number, phase) in plan.phases.iter().enumerate() {
        run.phase.store(number, Ordering::Relaxed);
        disturbances.push(disturb(&mut system, &run, phase, plan).await?);
    }
    run.stop.cancel();
    let history = settle(&mut writers, &run).await?;
    drain(&system).await?;
    system.check_alive()?;
    let found = findings::collect(&history, &system.server, system.address, &system.database()).await?;
    let verdict = checker::check(&history, &found);
    Ok(report(plan, &history, &disturbances, verdict, found.events.len()))
}

/// What one phase did besides what the writers saw.
struct Disturbance {
    /// Moments at which the cause was gone and healing could begin.
    over: Vec<Duration>,
    /// From the last of these until every writer had succeeded again.
    whole: Duration,
    redeliveries: u64,
}

/// One phase: the fault as often as planned, with recovery and calm after each. It ends when no request that met the
/// fault is left.
async fn disturb(system: &mut System, run: &Run, phase: &Phase, plan: &Plan) -> Result<Disturbance, Error> {
    let before = system.redeliveries().await?;
    let (mut over, mut all) = (Vec::new(), Progress::since_now(run));
    for time in 0..phase.times {
        inflict(system, phase.fault, time).await?;
        over.push(run.began.elapsed());
        all = Progress::since_now(run);
        wait(system, "the recovery of the writes", || {
            all.total(run) >= plan.writers
        })
        .await?;
        tokio::time::sleep(plan.calm).await;
    }
    wait(system, "a success of every writer", || all.of_every_writer(run)).await?;
    let whole = run
        .began
        .elapsed()
        .saturating_sub(over.last().copied().unwrap_or_default());
    let redeliveries = system.redeliveries().await?.saturating_sub(before);
    Ok(Disturbance {
        over,
        whole,
        redeliveries,
    })
}

/// How far each writer was at a moment.
struct Progress(Vec<usize>);

impl Progress {
    fn since_now(run: &Run) -> Self {
        Self(
            run.successes
                .iter()
                .map(|count| count.load(Ordering::Relaxed))
                .collect(),
        )
    }

    /// Successes of each writer since then.
    fn since(&self, run: &Run) -> impl Iterator<Item = usize> {
        let now = run.successes.iter().map(|count| count.load(Ordering::Relaxed));
        now.zip(&self.0).map(|(now, then)| now - then)
    }

    fn total(&self, run: &Run) -> usize {
        self.since(run).sum()
    }

    fn of_every_writer(&self, run: &Run) -> bool {
        self.since(run).all(|count| count > 0)
    }
}

/// Waits for a condition, as long as no process crashes.
async fn wait(system: &mut System, what: &str, mut is_met: impl FnMut() -> bool) -> Result<(), Error> {
    let begin = Instant::now();
    while !is_met() {
        if begin.elapsed() > PATIENCE {
            return Err(system.waited(what));
        }
        system.check_alive()?;
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Returns when the cause is gone and healing can begin.
async fn inflict(system: &mut System, fault: Fault, time: u32) -> Result<(), Error> {
    match fault {
        Fault::Nothing => Ok(()),
        Fault::ReplaceWorker => system.replace_worker(None),
        Fault::KillWorker(stage) => {
            system.replace_worker(Some((stage, FIRST_PASSAGE + PASSAGE_STEP * time)))?;
            system.wait_for_the_workers_death().await?;
            system.replace_worker(None)
        }
        Fault::RestartServer => Ok(system.server.restart()?),
        Fault::PauseServer(duration) => {
            system.server.pause()?;
            tokio::time::sleep(duration).await;
            Ok(system.server.resume()?)
        }
        Fault::LockDatabase(duration) => database::lock(&system.database(), duration).await,
    }
}

/// Lets every writer bring its last write to an end.
async fn settle(writers: &mut JoinSet<Vec<Write>>, run: &Run) -> Result<Vec<Write>, Error> {
    let mut history = Vec::new();
    let end = tokio::time::sleep(PATIENCE);
    tokio::pin!(end);
    while !writers.is_empty() {
        tokio::select! {
            done = writers.join_next() => history.extend(done.transpose().map_err(Error::Writer)?.unwrap_or_default()),
            () = &mut end, if !run.give_up.is_cancelled() => run.give_up.cancel(),
        }
    }
    Ok(history)
}

/// Waits until the outbox is published and the queue is empty: requests whose client was answered 504 may still be there.
async fn drain(system: &System) -> Result<(), Error> {
    let begin = Instant::now();
    loop {
        let answer = system
            .server
            .jetstream("STREAM.INFO.REQUESTS", &json!({}))
            .await?;
        let left = answer["state"]["messages"].as_u64();
        if left == Some(0) && database::unpublished(&system.database()).await? == 0 {
            return Ok(());
        }
        // What never drains is for the checker to see.
        if begin.elapsed() > PATIENCE {
            return Ok(());
        }
        tokio::time::sleep(POLL * 10).await;
    }
}

fn report(
    plan: &Plan,
    history: &[Write],
    disturbances: &[Disturbance],
    verdict: Verdict,
    events: usize,
) -> Report {
    let rows = plan
        .phases
        .iter()
        .zip(disturbances)
        .enumerate()
        .map(|(number, (phase, disturbance))| {
            let mut row = Row::of_phase(number, phase, history, &verdict);
            row.redeliveries = disturbance.redeliveries;
            row.whole = disturbance.whole;
            row.recovery = disturbance
                .over
                .iter()
                .filter_map(|over| first_success_after(history, *over))
                .max();
            row
        });
    Report {
        writers: plan.writers,
        rows: rows.collect(),
        events,
        writes: history.len(),
        verdict,
    }
}

/// How long after a moment the first write that was sent after it succeeded.
fn first_success_after(history: &[Write], moment: Duration) -> Option<Duration> {
    let attempts = history.iter().flat_map(|write| &write.attempts);
    let later = attempts.filter(|attempt| attempt.sent >= moment && attempt.outcome.is_success());
    later
        .map(|attempt| attempt.sent + attempt.took)
        .min()
        .map(|end| end.saturating_sub(moment))
}
