//! A component's revisions, and the way back to one.

use serde::Serialize;

use super::act::Halt;
use super::run::Run;
use super::{Applied, job};
use crate::inventory::{Error, Inventory, Revision, Stored};
use crate::manifest::{Id, Object};

/// What a return to an earlier revision has done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolledBack {
    /// The number of the revision whose objects were applied again.
    pub to: u64,
    /// What that changed. The component has a new revision now, unless it was as wanted already.
    pub applied: Applied,
    /// Secrets, which no revision keeps: they stay as they are.
    pub untouched_secrets: Vec<Id>,
}

impl Run<'_> {
    /// What is known of the component.
    pub(crate) async fn history(&self) -> Result<Inventory, Halt> {
        Ok(self.known().await?.inventory)
    }

    async fn known(&self) -> Result<Stored, Halt> {
        let store = self.store();
        let stored = store.read().await?;
        if stored.is_there() {
            Ok(stored)
        } else {
            Err(store.absent().into())
        }
    }

    /// Applies the objects of a revision again; of the one before the newest if none is named.
    pub(crate) async fn rollback(&self, to: Option<u64>) -> Result<RolledBack, Halt> {
        let stored = self.known().await?;
        let (to, objects) = self.wanted_again(&stored.inventory, to)?;
        let secrets = stored.inventory.entries.iter();
        let secrets =
            secrets.filter(|(id, entry)| id.group.is_empty() && id.kind == "Secret" && !entry.stale);
        let untouched_secrets = secrets.map(|(id, _)| id.clone()).collect();
        Ok(RolledBack {
            to,
            applied: self.work(objects).await?,
            untouched_secrets,
        })
    }

    fn wanted_again(&self, inventory: &Inventory, to: Option<u64>) -> Result<(u64, Vec<Object>), Halt> {
        let revisions = &inventory.revisions;
        let none = |number: u64, reason: String| -> Halt {
            let component = self.component.to_owned();
            Error::NoRevision {
                component,
                number,
                reason,
            }
            .into()
        };
        let before = revisions.iter().rev().nth(1).map(|revision| revision.number);
        let number = to
            .or(before)
            .ok_or_else(|| none(0, "there is none before the first".to_owned()))?;
        let found = revisions.iter().find(|revision| revision.number == number);
        let revision = found.ok_or_else(|| none(number, there_are(revisions)))?;
        let objects = revision.objects().map_err(|reason| none(number, reason))?;
        Ok((number, objects))
    }

    /// Remembers which Jobs have succeeded, so that they are not run again when the cluster has removed them.
    pub(crate) async fn settle(&self) -> Result<(), Halt> {
        let store = self.store();
        let (stored, table) = tokio::join!(store.read(), self.table());
        let (mut stored, table) = (stored?, table?);
        let mut next = stored.inventory.clone();
        let open = next
            .entries
            .iter_mut()
            .filter(|(_, entry)| entry.hash.is_some() && !entry.finished && !entry.stale);
        for (id, entry) in open {
            let Some(kind) = table.of_id(id) else { continue };
            let got = self.shared.api.get(kind, id.namespace.as_deref(), &id.name).await;
            let live = got.map_err(|trouble| self.halted("get", id, trouble))?;
            entry.finished = live.as_ref().is_some_and(|live| {
                live["metadata"]["uid"].as_str() == entry.uid.as_deref() && job::has_succeeded(live)
            });
        }
        if next != stored.inventory {
            store.write(&mut stored, next).await?;
        }
        Ok(())
    }
}

/// Which revisions there are, in words.
fn there_are(revisions: &[Revision]) -> String {
    let numbers: Vec<String> = revisions
        .iter()
        .map(|revision| revision.number.to_string())
        .collect();
    if numbers.is_empty() {
        "there is none".to_owned()
    } else {
        format!("there are {}", numbers.join(", "))
    }
}
