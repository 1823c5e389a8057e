//! The second half of an apply: what differs is written, layer by layer.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;
use tokio::time::Instant;

use super::api::{Dependents, Trouble};
use super::item::{Item, Plan};
use super::kinds::Kind;
use super::run::Run;
use super::{AT_ONCE, Failure, Problem, compare};
use crate::manifest::{Id, Layer};

/// How long what is deleted may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(90);
/// How often is looked whether it has gone, or whether a kind is served.
const POLL: Duration = Duration::from_millis(60);
/// How long a kind that is served may still be unknown to the server that is asked.
const SERVED_WITHIN: Duration = Duration::from_secs(10);

/// Why an apply does not go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Objects were refused.
    Failures(Vec<Failure>),
    /// The server does not answer: what was attempted, and why.
    Trouble(String, Trouble),
    /// What is remembered about the component stands in the way.
    Inventory(Box<crate::inventory::Error>),
}

impl From<crate::inventory::Error> for Halt {
    fn from(error: crate::inventory::Error) -> Self {
        Self::Inventory(Box::new(error))
    }
}

/// What is to be done with one object.
pub(crate) type Work<'a> = Pin<Box<dyn Future<Output = Result<(), Halt>> + Send + 'a>>;

/// Does all of it, several at a time. Refusals are collected; a server that is gone ends it at once.
pub(crate) async fn side_by_side(work: Vec<Work<'_>>) -> Result<(), Halt> {
    let mut results = stream::iter(work).buffer_unordered(AT_ONCE);
    let mut failures = Vec::new();
    while let Some(result) = results.next().await {
        match result {
            Ok(()) => {}
            Err(Halt::Failures(more)) => failures.extend(more),
            Err(halt) => return Err(halt),
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    failures.sort_by(|a: &Failure, b| a.id.cmp(&b.id));
    Err(Halt::Failures(failures))
}

impl Run<'_> {
    /// Applies what differs.
    pub(crate) async fn act(&self, items: &mut [Item]) -> Result<(), Halt> {
        let layers: BTreeSet<Layer> = items.iter().map(|item| item.layer).collect();
        for layer in layers {
            let in_layer = items.iter_mut().filter(|item| item.layer == layer);
            let work: Vec<Work<'_>> = in_layer
                .filter(|item| item.plan != Plan::Keep && !item.sent)
                .map(|item| -> Work<'_> { Box::pin(self.act_on(item)) })
                .collect();
            if work.is_empty() {
                continue;
            }
            side_by_side(work).await?;
            if layer == Layer::Definitions {
                self.definitions_served(items).await?;
            }
        }
        Ok(())
    }

    /// Applies one object.
    pub(crate) async fn act_on(&self, item: &mut Item) -> Result<(), Halt> {
        let kind = self.kind_of(item).await?;
        if item.is_terminating() {
            self.gone(
                &item.id,
                &kind,
                item.live_text("/metadata/uid").unwrap_or_default(),
            )
            .await?;
        } else if item.plan == Plan::Recreate {
            self.delete(item, &kind).await?;
        } else if item.plan == Plan::Change && self.takes_over() {
            self.take_over(item, &kind).await?;
        }
        let after = self.send_served(item, &kind).await?;
        if item.plan == Plan::Change {
            let live = item.live.as_ref().unwrap_or(&Value::Null);
            if compare::is_same(item.object.value(), live, &after, &self.shared.options.manager) {
                item.plan = Plan::Keep;
            }
        }
        item.live = Some(after);
        item.sent = true;
        self.tell(item.change());
        Ok(())
    }

    /// How the server serves it; asked again if it was not known when the run began.
    async fn kind_of(&self, item: &Item) -> Result<Kind, Halt> {
        if let Some(kind) = &item.kind {
            return Ok(kind.clone());
        }
        let table = self.shared.kinds.table(self.shared.api.client()).await;
        let table = table.map_err(|trouble| self.halted("find the kind of", &item.id, trouble))?;
        table.of(&item.object).cloned().ok_or_else(|| {
            let problem = Problem::UnknownKind {
                api_version: item.object.api_version().to_owned(),
                served: Vec::new(),
            };
            self.failed(item, problem)
        })
    }

    /// Applies an object whose kind may be so new that not every part of the server knows it yet.
    async fn send_served(&self, item: &Item, kind: &Kind) -> Result<Value, Halt> {
        let deadline = Instant::now() + SERVED_WITHIN;
        loop {
            match self.send(item, kind, false).await {
                Ok(after) => return Ok(after),
                Err(Trouble::Refused(status))
                    if status.code == 404
                        && is_unserved(&status.message)
                        && item.layer >= Layer::CustomResources
                        && Instant::now() < deadline =>
                {
                    tokio::time::sleep(POLL).await;
                }
                Err(trouble) => {
                    return Err(match Problem::of_trouble(trouble) {
                        Ok(problem) => self.failed(item, problem),
                        Err(trouble) => Halt::Trouble(format!("apply {}", item.id), trouble),
                    });
                }
            }
        }
    }

    /// Deletes an object that is to be made anew, and waits until it has gone.
    async fn delete(&self, item: &Item, kind: &Kind) -> Result<(), Halt> {
        let uid = item.live_text("/metadata/uid").unwrap_or_default();
        // A StatefulSet's pods go over to the new one, and with them their volumes.
        let dependents = if item.id.kind == "StatefulSet" {
            Dependents::Stay
        } else {
            Dependents::First
        };
        let namespace = item.id.namespace.as_deref();
        let deleted = self
            .shared
            .api
            .delete(kind, namespace, &item.id.name, uid, dependents)
            .await;
        if deleted.map_err(|trouble| self.halted("delete", &item.id, trouble))? {
            self.gone(&item.id, kind, uid).await?;
        }
        Ok(())
    }

    /// Waits until the object with this UID has gone.
    pub(crate) async fn gone(&self, id: &Id, kind: &Kind, uid: &str) -> Result<(), Halt> {
        let deadline = Instant::now() + GONE_WITHIN;
        let mut told = false;
        loop {
            let got = self.shared.api.get(kind, id.namespace.as_deref(), &id.name).await;
            let live = got.map_err(|trouble| self.halted("get", id, trouble))?;
            let still =
                live.filter(|live| live.pointer("/metadata/uid").and_then(Value::as_str) == Some(uid));
            let Some(live) = still else { return Ok(()) };
            let why = holding(&live);
            if !told {
                self.stage.waiting(format!("{id} to be gone{why}"));
                told = true;
            }
            if Instant::now() >= deadline {
                let problem = Problem::Timeout {
                    waiting_for: format!("it to be gone{why}"),
                    limit_seconds: GONE_WITHIN.as_secs(),
                };
                return Err(super::look::failed(id, problem, None));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Whether a 404 is about the kind and not about the object's namespace.
fn is_unserved(message: &str) -> bool {
    message.contains("the server could not find the requested resource") || message.contains("page not found")
}

/// What keeps a deleted object from going, as the end of a sentence.
pub(crate) fn holding(live: &Value) -> String {
    let list = |pointer: &str| -> Vec<String> {
        let list = live.pointer(pointer).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(crate::kubernetes::text::line).collect()
    };
    let mut finalizers = list("/metadata/finalizers");
    finalizers.extend(list("/spec/finalizers"));
    // The garbage collector's own are not worth a word.
    finalizers.retain(|name| !matches!(name.as_str(), "foregroundDeletion" | "orphan" | "kubernetes"));
    if finalizers.is_empty() {
        String::new()
    } else {
        format!(", held by finalizer {}", finalizers.join(", "))
    }
}
