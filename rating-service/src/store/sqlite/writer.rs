//! The one writer. Units of work queue up; all that wait when a transaction begins go into it together, so that they
//! share its commit, which waits for the disk. A unit that fails takes nothing with it: the others are run again one by
//! one.

use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::store::StoreError;
use crate::store::error::COMMIT;
use crate::store::sql::{Session, Unit};

/// Units that may wait; more make their callers wait.
const QUEUE: usize = 1_024;
/// Units of one transaction at most.
const BATCH: usize = 64;

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Queue {
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    pub(super) fn start(options: SqliteConnectOptions) -> Self {
        let (jobs_tx, jobs_rx) = mpsc::channel(QUEUE);
        let writer = Writer {
            options,
            connection: None,
            jobs: jobs_rx,
        };
        let task = tokio::spawn(writer.run());
        Self {
            jobs: Mutex::new(Some(jobs_tx)),
            task: tokio::sync::Mutex::new(Some(task)),
        }
    }

    pub(super) async fn transact<U: Unit>(&self, unit: U) -> Result<U::Output, StoreError> {
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(StoreError::Closed)?;
        let (answer_tx, answer_rx) = oneshot::channel();
        let job = Pending {
            unit,
            output: None,
            answer: answer_tx,
        };
        jobs.send(Box::new(job)).await.map_err(|_| StoreError::Closed)?;
        answer_rx.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets the queue run dry and closes the connection.
    pub(super) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(task) = self.task.lock().await.take() {
            drop(task.await);
        }
    }
}

/// A unit with whoever waits for it, its type forgotten.
trait Job: Send {
    /// Whether nobody waits any more.
    fn is_abandoned(&self) -> bool;
    /// Does the work and keeps its output.
    fn run<'j>(&'j mut self, session: &'j mut Session<'_>) -> BoxFuture<'j, Result<(), StoreError>>;
    /// Tells whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Pending<U: Unit> {
    unit: U,
    output: Option<U::Output>,
    answer: oneshot::Sender<Result<U::Output, StoreError>>,
}

impl<U: Unit> Job for Pending<U> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run<'j>(&'j mut self, session: &'j mut Session<'_>) -> BoxFuture<'j, Result<(), StoreError>> {
        Box::pin(async move {
            self.output = Some(self.unit.run(session).await?);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { output, answer, .. } = *self;
        let result = committed.and_then(|()| output.ok_or(StoreError::Closed));
        drop(answer.send(result)); // whoever asked may have gone
    }
}

struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    jobs: mpsc::Receiver<Box<dyn Job>>,
}

/// Why a transaction came to nothing.
enum Failure {
    /// It never began: the file cannot be opened or somebody else holds its lock.
    Begin(StoreError),
    /// A unit failed, or the commit.
    Work(StoreError),
}

impl Writer {
    async fn run(mut self) {
        while let Some(job) = self.jobs.recv().await {
            let mut batch = vec![job];
            while batch.len() < BATCH
                && let Ok(job) = self.jobs.try_recv()
            {
                batch.push(job);
            }
            self.serve(batch).await;
        }
        if let Some(connection) = self.connection.take() {
            drop(connection.close().await); // the last one out tidies the write-ahead log; if not, the next one in does
        }
    }

    async fn serve(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let result = match self.commit(&mut batch).await {
            Ok(()) => Ok(()),
            Err(Failure::Work(_)) if batch.len() > 1 => return self.serve_one_by_one(batch).await,
            Err(Failure::Begin(error) | Failure::Work(error)) => Err(error),
        };
        for job in batch {
            job.finish(result.clone());
        }
    }

    async fn serve_one_by_one(&mut self, batch: Vec<Box<dyn Job>>) {
        for job in batch {
            let mut alone = [job];
            let result = self.commit(&mut alone).await;
            let [job] = alone;
            job.finish(result.map_err(|(Failure::Begin(error) | Failure::Work(error))| error));
        }
    }

    async fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        if batch.is_empty() {
            return Ok(());
        }
        let connection = self.connection().await.map_err(Failure::Begin)?;
        let result = transact(connection, batch).await;
        if let Err(Failure::Work(_)) = result {
            // Some errors make SQLite roll back by itself, so the connection's state is not known here. A new one's is.
            self.connection = None;
        }
        result
    }

    async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self
                .options
                .connect()
                .await
                .map_err(StoreError::during("open the database file"))?,
        };
        Ok(self.connection.insert(connection))
    }
}

async fn transact(connection: &mut SqliteConnection, batch: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    // Immediate: a transaction that became a writer later could find that somebody has written since it began.
    let begun = connection.begin_with("BEGIN IMMEDIATE").await;
    let mut transaction =
        begun.map_err(|error| Failure::Begin(StoreError::during("begin a transaction")(error)))?;
    // Whoever gave up while the lock was waited for has been told that nothing came of it in time.
    for job in batch.iter_mut().filter(|job| !job.is_abandoned()) {
        job.run(&mut Session::Sqlite(&mut transaction))
            .await
            .map_err(Failure::Work)?;
    }
    transaction
        .commit()
        .await
        .map_err(|error| Failure::Work(StoreError::during(COMMIT)(error)))
}
