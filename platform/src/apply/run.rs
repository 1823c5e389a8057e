//! One apply from its beginning to its end.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::act::Halt;
use super::api::Trouble;
use super::item::{Item, Plan, prepare};
use super::stage::Stage;
use super::{Applied, Change, Difference, Error, Shared, Verdict};
use crate::event::{self, Events, Outcome, Step, StepKind};
use crate::kubernetes::Cause;
use crate::manifest::Object;

/// What the parts of an apply may take together, as it is told at the beginning.
const LIMIT: Duration = Duration::from_mins(5);

/// One apply.
pub(crate) struct Run<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) component: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) stage: Stage<'a>,
    done: Mutex<Vec<Change>>,
}

pub(crate) async fn apply(
    shared: &Shared,
    component: &str,
    namespace: &str,
    objects: Vec<Object>,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<Applied, Error> {
    let run = Run {
        shared,
        component,
        namespace,
        stage: Stage::begin(Step::new(StepKind::Apply, component), events, LIMIT),
        done: Mutex::default(),
    };
    let result = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            let applied = run.so_far();
            return Err(Error::Cancelled { applied });
        }
        result = run.work(objects) => result,
    };
    match result {
        Ok(applied) => {
            run.stage.done(outcome(&applied.changes));
            Ok(applied)
        }
        Err(halt) => {
            let error = run.error(halt);
            run.stage.failed(&error);
            Err(error)
        }
    }
}

pub(crate) async fn differences(
    shared: &Shared,
    component: &str,
    namespace: &str,
    objects: Vec<Object>,
    cancel: &CancellationToken,
) -> Result<Vec<Difference>, Error> {
    let (events, _unread) = event::channel();
    let run = Run {
        shared,
        component,
        namespace,
        stage: Stage::begin(Step::new(StepKind::Apply, component), &events, LIMIT),
        done: Mutex::default(),
    };
    let work = async {
        let mut items = run.prepared(objects).await?;
        run.compare(&mut items).await
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::Cancelled { applied: Vec::new() }),
        result = work => result.map_err(|halt| run.error(halt)),
    }
}

impl Run<'_> {
    async fn work(&self, objects: Vec<Object>) -> Result<Applied, Halt> {
        let mut items = self.prepared(objects).await?;
        self.look(&mut items).await?;
        if !self.shared.options.dry_run {
            self.act(&mut items).await?;
        }
        let changes = items.iter().map(Item::change).collect();
        Ok(Applied {
            changes,
            objects: items.into_iter().map(|item| item.object).collect(),
            prunable: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// The objects, each with the way to it. A kind that is unknown may have come since the cluster was asked.
    async fn prepared(&self, objects: Vec<Object>) -> Result<Vec<Item>, Halt> {
        let client = self.shared.api.client();
        let asked = |trouble| Halt::Trouble("ask which kinds there are".to_owned(), trouble);
        let mut table = self.shared.kinds.table(client).await.map_err(asked)?;
        let unknown = |table: &super::kinds::Table| objects.iter().any(|object| table.of(object).is_none());
        if unknown(&table) {
            table = self.shared.kinds.newer(client, &table).await.map_err(asked)?;
        }
        let mut items = prepare(objects, self.namespace, &table).map_err(Halt::Failures)?;
        if let Some(mut namespace) = self.own_namespace(&items, &table) {
            self.look_at_namespace(&mut namespace).await?;
            if namespace.plan == Plan::Create {
                items.insert(0, namespace);
            }
        }
        Ok(items)
    }

    /// Remembers what was done.
    pub(crate) fn tell(&self, change: Change) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push(change);
    }

    fn so_far(&self) -> Vec<Change> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter()
            .filter(|change| change.verdict.is_written() && !self.shared.options.dry_run)
            .cloned()
            .collect()
    }

    fn error(&self, halt: Halt) -> Error {
        let applied = self.so_far();
        let cluster = self.shared.cluster.clone();
        match halt {
            Halt::Failures(failures) => Error::Refused {
                component: self.component.to_owned(),
                cluster,
                failures,
                applied,
            },
            Halt::Trouble(operation, trouble) => Error::Unreachable {
                operation,
                cluster,
                applied,
                source: cause(trouble),
            },
            Halt::Inventory(error) => Error::Inventory(error),
        }
    }
}

/// Why the server has not answered.
pub(crate) fn cause(trouble: Trouble) -> Cause {
    match trouble {
        Trouble::Lost(cause) => cause,
        Trouble::Refused(status) => Cause::new(kube::Error::Api(status)),
        Trouble::Silent(limit) => {
            let message = format!("no answer within {} s", limit.as_secs());
            Cause::new(kube::Error::Service(message.into()))
        }
    }
}

/// What all of it comes to.
fn outcome(changes: &[Change]) -> Outcome {
    let all = |verdict| changes.iter().all(|change| change.verdict == verdict);
    if all(Verdict::Unchanged) {
        Outcome::Unchanged
    } else if all(Verdict::Created) {
        Outcome::Created
    } else {
        Outcome::Configured
    }
}
