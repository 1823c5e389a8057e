//! What an apply writes into the inventory: before the objects, so that nothing of ours is ever unknown, and after them.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::act::{Halt, Work, side_by_side};
use super::claims;
use super::item::{Item, Plan};
use super::job;
use super::run::Run;
use crate::inventory::{Entry, Inventory, Revision, Store, Stored};
use crate::manifest::{Id, Layer, Object};

impl Run<'_> {
    /// Makes the component's namespace, where the inventory will lie.
    pub(crate) async fn make_namespace(&self, items: &mut [Item]) -> Result<(), Halt> {
        let own = items
            .iter_mut()
            .find(|item| item.layer == Layer::Namespaces && item.id.name == self.namespace);
        match own {
            Some(item) if item.plan != Plan::Keep => self.act_on(item).await,
            _ => Ok(()),
        }
    }

    /// Writes down everything that was ours and everything that is about to be.
    pub(crate) async fn write_ahead(
        &self,
        store: &Store<'_>,
        stored: &mut Stored,
        items: &[Item],
    ) -> Result<(), Halt> {
        let mut ahead = stored.inventory.clone();
        for item in items.iter().filter(|item| !item.shared) {
            let entry = ahead.entries.entry(item.id.clone()).or_default();
            if item.plan != Plan::Keep {
                let stays = item.plan == Plan::Change;
                let uid = item.live_text("/metadata/uid").filter(|_| stays);
                entry.uid = uid.map(str::to_owned);
            }
        }
        if ahead != stored.inventory {
            store.write(stored, ahead).await?;
        }
        Ok(())
    }

    /// Writes down what is there now, if that is something else than what is written. Says what had to be left out.
    pub(crate) async fn record(
        &self,
        store: &Store<'_>,
        stored: &mut Stored,
        items: &[Item],
    ) -> Result<Vec<String>, Halt> {
        let mut next = stored.inventory.clone();
        next.entries = entries(&stored.inventory, items, self.keep_secrets);
        self.forget_gone(&mut next.entries).await?;
        let objects = items.iter().filter(|item| !item.shared);
        let objects: Vec<Object> = objects.map(|item| item.object.clone()).collect();
        let options = &self.shared.options;
        let now = OffsetDateTime::now_utc().replace_nanosecond(0);
        let now = now.unwrap_or_else(|_| OffsetDateTime::now_utc());
        let time = now.format(&Rfc3339).unwrap_or_default();
        let revision = Revision::new(&objects, &options.why, options.by.as_deref(), time);
        if next.current().is_none_or(|current| current.hash != revision.hash) {
            next.add(revision);
        }
        if next == stored.inventory && stored.is_there() {
            return Ok(Vec::new());
        }
        // No reason to write by itself, and worth knowing.
        for item in items.iter().filter(|item| item.plan == Plan::Keep) {
            let entry = next
                .entries
                .get_mut(&item.id)
                .filter(|entry| entry.hash.is_some());
            if let Some(entry) = entry {
                entry.finished |= item.live.as_ref().is_some_and(job::has_succeeded);
            }
        }
        Ok(store.write(stored, next).await?)
    }

    /// Forgets what is not wanted any more and has gone.
    async fn forget_gone(&self, entries: &mut BTreeMap<Id, Entry>) -> Result<(), Halt> {
        let stale = entries.iter().filter(|(_, entry)| entry.stale);
        let mut looks: Vec<(Id, bool)> = stale.map(|(id, _)| (id.clone(), false)).collect();
        if looks.is_empty() {
            return Ok(());
        }
        let table = self.table().await?;
        let work = looks.iter_mut().map(|(id, gone)| -> Work<'_> {
            let kind = table.of_id(id);
            Box::pin(async move {
                // A kind that is not served any more has no objects.
                let Some(kind) = kind else {
                    *gone = true;
                    return Ok(());
                };
                let got = self.shared.api.get(kind, id.namespace.as_deref(), &id.name).await;
                *gone = got.map_err(|trouble| self.halted("get", id, trouble))?.is_none();
                Ok(())
            })
        });
        side_by_side(work.collect()).await?;
        for (id, _) in looks.iter().filter(|(_, gone)| *gone) {
            entries.remove(id);
        }
        Ok(())
    }
}

/// What is ours now: what was applied, and what was ours before and is not wanted any more.
fn entries(known: &Inventory, items: &[Item], keep_secrets: bool) -> BTreeMap<Id, Entry> {
    let mut entries = known.entries.clone();
    for (id, entry) in &mut entries {
        let is_secret = id.group.is_empty() && id.kind == "Secret";
        entry.stale = entry.stale || !(keep_secrets && is_secret);
    }
    // The claims of a set that was removed and is wanted again are in use again.
    entries.retain(|id, _| {
        !items
            .iter()
            .any(|item| claims::is_claim_of(id, item.object.value()))
    });
    for item in items.iter().filter(|item| !item.shared) {
        let before = known.entries.get(&item.id);
        entries.insert(item.id.clone(), entry(item, before));
    }
    entries
}

fn entry(item: &Item, before: Option<&Entry>) -> Entry {
    let uid = item.live_text("/metadata/uid").map(str::to_owned);
    let hash = job::hash_of(item.object.value())
        .filter(|_| job::is_job(&item.object))
        .map(str::to_owned);
    let same = before.filter(|before| before.hash == hash);
    let finished = hash.is_some() && same.is_some_and(|before| before.finished);
    Entry {
        uid: uid.or_else(|| same.and_then(|before| before.uid.clone())),
        stale: false,
        hash,
        finished,
    }
}

/// What is ours and not among the objects.
pub(crate) fn unwanted(known: &Inventory, items: &[Item], keep_secrets: bool) -> Vec<Id> {
    let entries = entries(known, items, keep_secrets);
    let stale = entries.into_iter().filter(|(_, entry)| entry.stale);
    stale.map(|(id, _)| id).collect()
}
