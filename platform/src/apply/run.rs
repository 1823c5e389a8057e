//! One apply from its beginning to its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::act::Halt;
use super::api::Trouble;
use super::item::{Item, Plan, prepare};
use super::kinds::Table;
use super::record;
use super::{Applied, Change, Difference, Error, Shared, Verdict};
use crate::event::{Events, Outcome, Stage, Step, StepKind};
use crate::inventory::Store;
use crate::kubernetes::Cause;
use crate::manifest::Object;

/// What the parts of an apply may take together, as it is told at the beginning.
const LIMIT: Duration = Duration::from_mins(5);

/// A component, and the namespace of its inventory and of objects that name none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub(crate) component: &'a str,
    pub(crate) namespace: &'a str,
}

/// One run for one component.
pub(crate) struct Run<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) component: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) stage: Stage,
    /// The objects come from a revision, which has no Secrets: those that are there are still wanted.
    pub(crate) keep_secrets: bool,
    done: Mutex<Vec<Change>>,
}

impl<'a> Run<'a> {
    /// A run that has told that it begins.
    pub(crate) fn begin(shared: &'a Shared, of: Of<'a>, kind: StepKind, events: &Events) -> Self {
        Self {
            shared,
            component: of.component,
            namespace: of.namespace,
            stage: Stage::begin(events, Step::new(kind, of.component), LIMIT),
            keep_secrets: false,
            done: Mutex::default(),
        }
    }

    /// Works until it is done or somebody presses Ctrl-C, and tells how it ended.
    pub(crate) async fn to_end<T>(
        &self,
        cancel: &CancellationToken,
        work: impl Future<Output = Result<T, Halt>>,
        outcome: impl FnOnce(&T) -> Outcome,
    ) -> Result<T, Error> {
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => {
                let applied = self.so_far();
                return Err(Error::Cancelled { applied });
            }
            result = work => result,
        };
        match result {
            Ok(value) => {
                self.stage.done(outcome(&value));
                Ok(value)
            }
            Err(halt) => {
                let error = self.error(halt);
                self.stage.failed(error.to_string());
                Err(error)
            }
        }
    }
}

impl Run<'_> {
    /// An apply.
    pub(crate) async fn work(&self, objects: Vec<Object>) -> Result<Applied, Halt> {
        let store = self.store();
        let (stored, items) = tokio::join!(store.read(), self.prepared(objects));
        let (mut stored, mut items) = (stored?, items?);
        self.look(&mut items, &stored.inventory).await?;
        let mut notes = Vec::new();
        if !self.shared.options.dry_run {
            if items.iter().any(|item| item.plan != Plan::Keep) {
                self.make_namespace(&mut items).await?;
                self.write_ahead(&store, &mut stored, &items).await?;
                self.act(&mut items).await?;
            }
            notes = self.record(&store, &mut stored, &items).await?;
        }
        Ok(Applied {
            changes: items.iter().map(Item::change).collect(),
            prunable: record::unwanted(&stored.inventory, &items, self.keep_secrets),
            revision: stored.inventory.current().map(|revision| revision.number),
            objects: items.into_iter().map(|item| item.object).collect(),
            notes,
        })
    }

    /// Where the component's inventory lies.
    pub(crate) fn store(&self) -> Store<'_> {
        Store {
            api: &self.shared.api,
            cluster: &self.shared.cluster,
            manager: &self.shared.options.manager,
            project: &self.shared.options.project,
            component: self.component,
            namespace: self.namespace,
        }
    }

    /// Which kinds there are.
    pub(crate) async fn table(&self) -> Result<Arc<Table>, Halt> {
        let table = self.shared.kinds.table(self.shared.api.client()).await;
        table.map_err(|trouble| Halt::Trouble("ask which kinds there are".to_owned(), trouble))
    }

    /// What an apply would change.
    pub(crate) async fn differences(&self, objects: Vec<Object>) -> Result<Vec<Difference>, Halt> {
        let store = self.store();
        let (stored, items) = tokio::join!(store.read(), self.prepared(objects));
        self.compare(&mut items?, &stored?.inventory).await
    }

    /// The objects, each with the way to it. A kind that is unknown may have come since the cluster was asked.
    async fn prepared(&self, objects: Vec<Object>) -> Result<Vec<Item>, Halt> {
        let client = self.shared.api.client();
        let asked = |trouble| Halt::Trouble("ask which kinds there are".to_owned(), trouble);
        let mut table = self.table().await?;
        let unknown = |table: &Table| objects.iter().any(|object| table.of(object).is_none());
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
            Halt::Inventory(error) => Error::Inventory(*error),
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

/// What an apply comes to.
pub(crate) fn outcome(applied: &Applied) -> Outcome {
    let changes = &applied.changes;
    let all = |verdict| changes.iter().all(|change| change.verdict == verdict);
    if all(Verdict::Unchanged) {
        Outcome::Unchanged
    } else if all(Verdict::Created) {
        Outcome::Created
    } else {
        Outcome::Configured
    }
}
