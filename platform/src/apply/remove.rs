//! Removes what the inventory says is ours, in the opposite order in which it was applied. Everything is looked at once more before.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::act::{Halt, Work, holding, side_by_side};
use super::api::Dependents;
use super::kinds::{Kind, Table};
use super::problem::Problem;
use super::run::Run;
use super::spared;
use crate::event::{Events, Outcome};
use crate::inventory::Entry;
use crate::manifest::{COMPONENT, Id, Layer, MANAGED_BY, PROJECT};

/// How often is looked whether everything has gone.
const POLL: Duration = Duration::from_millis(80);

/// What may be removed, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Also volumes, claims, and streams that are resources: their data is lost.
    pub data: bool,
    /// Also namespaces and definitions of resources that others still use. Everything in them goes too.
    pub everything: bool,
    /// Only says what would be removed.
    pub preview: bool,
    /// How long what is deleted may take to go.
    pub limit: Duration,
}

impl Removal {
    /// Whom it is told: of a preview nobody.
    pub(super) fn told(self, events: &Events) -> Events {
        if self.preview {
            Events::silent()
        } else {
            events.clone()
        }
    }
}

impl Default for Removal {
    /// Nothing that loses data, within two minutes.
    fn default() -> Self {
        Self {
            data: false,
            everything: false,
            preview: false,
            limit: Duration::from_mins(2),
        }
    }
}

/// An object that stays, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The object.
    #[serde(flatten)]
    pub id: Id,
    /// Why, in a few words.
    pub reason: String,
}

/// What was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// What has gone, or would go, in that order.
    pub removed: Vec<Id>,
    /// What stays.
    pub kept: Vec<Kept>,
}

/// What is to be done with one object.
#[derive(Clone, Debug)]
struct Doomed {
    id: Id,
    entry: Entry,
    kind: Option<Kind>,
    fate: Fate,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It has gone already.
    Gone,
    /// It goes, if it is still the one with this UID.
    Goes { uid: String },
    /// It stays.
    Stays { reason: String },
}

impl Run<'_> {
    /// Removes these objects, layer by layer, the last one first. Namespaces are left to [`remove_namespaces`](Self::remove_namespaces).
    pub(crate) async fn remove(
        &self,
        entries: &BTreeMap<Id, Entry>,
        options: Removal,
        table: &Table,
    ) -> Result<Removed, Halt> {
        let deadline = Instant::now() + options.limit;
        let mut layers: BTreeMap<Layer, Vec<Doomed>> = BTreeMap::new();
        for (id, entry) in entries {
            let doomed = Doomed {
                id: id.clone(),
                entry: entry.clone(),
                kind: table.of_id(id).cloned(),
                fate: Fate::Gone,
            };
            let layer = Layer::of_kind(&id.group, &id.kind);
            layers.entry(layer).or_default().push(doomed);
        }
        let mut all = Removed::default();
        for (_, mut layer) in layers.into_iter().rev() {
            let work = layer
                .iter_mut()
                .map(|doomed| -> Work<'_> { Box::pin(self.remove_one(doomed, options, deadline)) });
            side_by_side(work.collect()).await?;
            for doomed in layer {
                all.add(doomed);
            }
        }
        Ok(all)
    }

    async fn remove_one(&self, doomed: &mut Doomed, options: Removal, deadline: Instant) -> Result<(), Halt> {
        // A kind that is not served any more has no objects.
        let Some(kind) = doomed.kind.clone() else {
            return Ok(());
        };
        let got = self
            .shared
            .api
            .get(&kind, doomed.id.namespace.as_deref(), &doomed.id.name)
            .await;
        let live = got.map_err(|trouble| self.halted("get", &doomed.id, trouble))?;
        let Some(live) = live else { return Ok(()) };
        doomed.fate = self.fate(doomed, &live, options);
        if matches!(doomed.fate, Fate::Goes { .. })
            && spared::is_definition(&doomed.id)
            && !options.everything
        {
            self.spare_used_definition(doomed, &live).await?;
        }
        match doomed.fate.clone() {
            Fate::Goes { uid } if !options.preview => {
                self.delete_waiting(&doomed.id, &kind, &uid, deadline).await
            }
            _ => Ok(()),
        }
    }

    /// Whether an object may go: only what is surely ours and holds no data.
    fn fate(&self, doomed: &Doomed, live: &Value, options: Removal) -> Fate {
        let stays = |reason: &str| Fate::Stays {
            reason: reason.to_owned(),
        };
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        // A StatefulSet's claims carry no labels of ours; they are known by what they are.
        let is_known_claim = spared::is_volume(&doomed.id) && doomed.entry.uid.as_deref() == Some(uid);
        if !self.is_labelled_ours(live) && !is_known_claim {
            return stays("it does not carry this component's labels");
        }
        if doomed.entry.uid.as_deref().is_some_and(|known| known != uid) {
            return stays("somebody has made it anew since it was applied");
        }
        if spared::holds_data(&doomed.id) && !spared::keeps_it(live) && !options.data {
            return stays("it holds data");
        }
        let uid = uid.to_owned();
        Fate::Goes { uid }
    }

    fn is_labelled_ours(&self, live: &Value) -> bool {
        let labels = &live["metadata"]["labels"];
        labels[MANAGED_BY] == "ratectl"
            && labels[PROJECT] == self.shared.options.project
            && labels[COMPONENT] == self.component
    }

    /// A definition stays while there are objects of its kind: they would all go with it.
    async fn spare_used_definition(&self, doomed: &mut Doomed, live: &Value) -> Result<(), Halt> {
        let (group, name) = (&live["spec"]["group"], &live["spec"]["names"]["kind"]);
        let (Some(group), Some(name)) = (group.as_str(), name.as_str()) else {
            return Ok(());
        };
        let table = self.table().await?;
        let Some(kind) = table.versions(group, name).first() else {
            return Ok(());
        };
        let list = self.shared.api.list(kind, None, "", 1).await;
        let list = list.map_err(|trouble| self.halted("list the objects of", &doomed.id, trouble))?;
        if let Some(one) = list.first() {
            let namespace = one["metadata"]["namespace"].as_str();
            let namespace = namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
            let one = one["metadata"]["name"].as_str().unwrap_or_default();
            doomed.fate = Fate::Stays {
                reason: format!("{name} {namespace}{one} would go with it"),
            };
        }
        Ok(())
    }

    /// Deletes an object and waits until it has gone.
    pub(crate) async fn delete_waiting(
        &self,
        id: &Id,
        kind: &Kind,
        uid: &str,
        deadline: Instant,
    ) -> Result<(), Halt> {
        let namespace = id.namespace.as_deref();
        let deleted = self
            .shared
            .api
            .delete(kind, namespace, &id.name, uid, Dependents::First)
            .await;
        if !deleted.map_err(|trouble| self.halted("delete", id, trouble))? {
            return Ok(());
        }
        let began = Instant::now();
        let mut told = String::new();
        loop {
            let got = self.shared.api.get(kind, namespace, &id.name).await;
            let live = got.map_err(|trouble| self.halted("get", id, trouble))?;
            let Some(live) = live.filter(|live| live["metadata"]["uid"] == uid) else {
                return Ok(());
            };
            let why = holding(&live);
            let waiting = format!("{id} to be gone{why}");
            if Instant::now() >= deadline {
                let problem = Problem::Timeout {
                    waiting_for: format!("it to be gone{why}"),
                    limit_seconds: began.elapsed().as_secs(),
                };
                return Err(super::look::failed(id, problem, held(&live)));
            }
            if told != waiting && (!why.is_empty() || told.is_empty()) {
                self.stage.waiting(waiting.clone());
                told = waiting;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Removed {
    fn add(&mut self, doomed: Doomed) {
        match doomed.fate {
            Fate::Gone | Fate::Goes { .. } => self.removed.push(doomed.id),
            Fate::Stays { reason } => self.kept.push(Kept {
                id: doomed.id,
                reason,
            }),
        }
    }
}

/// What a removal comes to.
pub(crate) fn outcome(removed: &Removed) -> Outcome {
    if removed.removed.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Removed
    }
}

/// What to do about an object that does not go.
fn held(live: &Value) -> Option<String> {
    (!holding(live).is_empty()).then(|| {
        "its finalizer is removed by its controller, which has to run, and has to reach what it looks after, for that".to_owned()
    })
}
