//! Namespaces that are removed with a component: only ours, and only when nobody has anything in them.

use serde_json::Value;
use tokio::time::Instant;

use super::act::{Halt, Work, side_by_side};
use super::kinds::{Kind, Table};
use super::remove::{Kept, Removal, Removed};
use super::run::Run;
use crate::manifest::{Id, MANAGED_BY, PROJECT};

/// Objects of a kind that are looked at; those that come by themselves are few.
const LOOKED_AT: u32 = 10;

impl Run<'_> {
    /// Removes these namespaces, each if it is ours and empty.
    pub(crate) async fn remove_namespaces(
        &self,
        names: &[String],
        options: Removal,
        table: &Table,
        all: &mut Removed,
    ) -> Result<(), Halt> {
        let Some(kind) = table.versions("", "Namespace").first() else {
            return Ok(());
        };
        let deadline = Instant::now() + options.limit;
        for name in names {
            let id = Id {
                group: String::new(),
                kind: "Namespace".to_owned(),
                namespace: None,
                name: name.clone(),
            };
            let got = self.shared.api.get(kind, None, name).await;
            let Some(live) = got.map_err(|trouble| self.halted("get", &id, trouble))? else {
                continue;
            };
            let going: Vec<Id> = if options.preview {
                all.removed.clone()
            } else {
                Vec::new()
            };
            if let Some(reason) = self.why_kept(&live, name, options, table, &going).await? {
                all.kept.push(Kept { id, reason });
                continue;
            }
            if !options.preview {
                let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
                self.delete_waiting(&id, kind, uid, deadline).await?;
            }
            all.removed.push(id);
        }
        Ok(())
    }

    /// Why the namespace stays; `None` if it may go. What is `going` does not count.
    async fn why_kept(
        &self,
        live: &Value,
        name: &str,
        options: Removal,
        table: &Table,
        going: &[Id],
    ) -> Result<Option<String>, Halt> {
        let labels = &live["metadata"]["labels"];
        if labels[MANAGED_BY] != "ratectl" || labels[PROJECT] != self.shared.options.project {
            return Ok(Some("it was not made by this project".to_owned()));
        }
        if options.everything {
            return Ok(None);
        }
        let mut found: Vec<Option<Id>> = Vec::new();
        let kinds: Vec<(&str, &Kind)> = table.in_namespaces().collect();
        found.resize(kinds.len(), None);
        let work = kinds
            .iter()
            .zip(&mut found)
            .map(|((group, kind), found)| -> Work<'_> {
                Box::pin(async move {
                    *found = self.first_in(group, kind, name, going).await;
                    Ok(())
                })
            });
        side_by_side(work.collect()).await?;
        let first = found.into_iter().flatten().min();
        Ok(first.map(|id| format!("{} {} is in it", id.kind, id.name)))
    }

    /// Something of this kind in the namespace that did not come by itself.
    async fn first_in(&self, group: &str, kind: &Kind, namespace: &str, going: &[Id]) -> Option<Id> {
        // What cannot be listed, such as metrics while their server is away, cannot be lost either.
        let list = self
            .shared
            .api
            .list(kind, Some(namespace), "", LOOKED_AT)
            .await
            .ok()?;
        let ids = list.iter().map(|object| Id {
            group: group.to_owned(),
            kind: kind.name.clone(),
            namespace: Some(namespace.to_owned()),
            name: object["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        });
        ids.zip(&list)
            .find(|(id, object)| !comes_by_itself(id, object) && !going.contains(id))
            .map(|(id, _)| id)
    }
}

/// What Kubernetes puts into every namespace, or derives from what is there.
fn comes_by_itself(id: &Id, object: &Value) -> bool {
    let owned = object["metadata"]["ownerReferences"]
        .as_array()
        .is_some_and(|owners| !owners.is_empty());
    owned
        || match (id.group.as_str(), id.kind.as_str()) {
            ("", "ServiceAccount") => id.name == "default",
            ("", "ConfigMap") => id.name == "kube-root-ca.crt",
            ("" | "events.k8s.io", "Event") | ("", "Endpoints") | ("metrics.k8s.io", _) => true,
            _ => false,
        }
}
