//! The three ways back: prune what is not wanted any more, undeploy a component, and return to an earlier revision.

use std::collections::BTreeMap;

use super::act::Halt;
use super::remove::{Kept, Removal, Removed};
use super::run::Run;
use super::spared;
use crate::inventory::{Entry, Inventory};
use crate::manifest::Id;

impl Run<'_> {
    /// Removes what is ours and not wanted any more.
    pub(crate) async fn prune(&self, options: Removal) -> Result<Removed, Halt> {
        let store = self.store();
        let table = self.table();
        let (stored, table) = tokio::join!(store.read(), table);
        let (mut stored, table) = (stored?, table?);
        let mut stale: BTreeMap<Id, Entry> = stored
            .inventory
            .entries
            .iter()
            .filter(|(_, entry)| entry.stale)
            .map(|(id, entry)| (id.clone(), entry.clone()))
            .collect();
        stale.extend(self.claims(&stale, &table).await?);
        let mut doomed = stale.clone();
        let mut spared = if options.everything {
            Vec::new()
        } else {
            spare(&mut doomed)
        };
        let mut all = self.remove(&doomed, options, &table).await?;
        all.kept.append(&mut spared);
        if !options.preview {
            let next = after(&stored.inventory, &stale, &all);
            if next != stored.inventory {
                store.write(&mut stored, next).await?;
            }
        }
        Ok(all)
    }

    /// Removes everything of a component.
    pub(crate) async fn undeploy(&self, options: Removal) -> Result<Removed, Halt> {
        let store = self.store();
        let (stored, table) = tokio::join!(store.read(), self.table());
        let (mut stored, table) = (stored?, table?);
        if !stored.is_there() {
            return Err(store.absent().into());
        }
        let (namespaces, mut entries): (BTreeMap<Id, Entry>, BTreeMap<Id, Entry>) = stored
            .inventory
            .entries
            .clone()
            .into_iter()
            .partition(|(id, _)| spared::is_namespace(id));
        entries.extend(self.claims(&entries, &table).await?);
        let mut all = self.remove(&entries, options, &table).await?;
        let mut names: Vec<String> = namespaces.into_keys().map(|id| id.name).collect();
        if !names.iter().any(|name| name == self.namespace) {
            names.push(self.namespace.to_owned());
        }
        if !options.preview && all.kept.is_empty() {
            store.delete(&stored).await?;
        } else if !options.preview {
            let mut next = after(&stored.inventory, &entries, &all);
            next.entries.values_mut().for_each(|entry| entry.stale = true);
            store.write(&mut stored, next).await?;
        }
        let mut going = all.clone();
        going.removed.push(inventory_id(&store.name(), self.namespace));
        let before = going.removed.len();
        self.remove_namespaces(&names, options, &table, &mut going)
            .await?;
        all.removed.extend(going.removed.drain(before..));
        all.kept = going.kept;
        Ok(all)
    }
}

/// Takes out what is never pruned by itself.
fn spare(entries: &mut BTreeMap<Id, Entry>) -> Vec<Kept> {
    let holds_others = |id: &&Id| spared::is_namespace(id) || spared::is_definition(id);
    let spared: Vec<Id> = entries.keys().filter(holds_others).cloned().collect();
    let spared = spared.into_iter().map(|id| {
        entries.remove(&id);
        Kept {
            id,
            reason: "everything in it or of its kind would go too".to_owned(),
        }
    });
    spared.collect()
}

/// The inventory after a removal: without what has gone, and with claims that have stayed.
fn after(inventory: &Inventory, looked_at: &BTreeMap<Id, Entry>, all: &Removed) -> Inventory {
    let mut next = inventory.clone();
    next.entries.extend(looked_at.clone());
    next.entries.retain(|id, _| !all.removed.contains(id));
    next
}

fn inventory_id(name: &str, namespace: &str) -> Id {
    Id {
        group: String::new(),
        kind: "ConfigMap".to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}
