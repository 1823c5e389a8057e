//! Claims that `StatefulSet`s have made from their templates: nobody has applied them, and they stay when the set goes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::act::Halt;
use super::kinds::Table;
use super::run::Run;
use crate::inventory::Entry;
use crate::manifest::Id;

/// Claims of one set that are looked at.
const LOOKED_AT: u32 = 500;

impl Run<'_> {
    /// The claims of the `StatefulSet`s among the entries.
    pub(crate) async fn claims(
        &self,
        entries: &BTreeMap<Id, Entry>,
        table: &Table,
    ) -> Result<BTreeMap<Id, Entry>, Halt> {
        let mut claims = BTreeMap::new();
        let sets = entries
            .keys()
            .filter(|id| id.group == "apps" && id.kind == "StatefulSet");
        for id in sets {
            let kinds = (
                table.of_id(id),
                table.versions("", "PersistentVolumeClaim").first(),
            );
            let (Some(sets), Some(kind)) = kinds else { continue };
            let namespace = id.namespace.as_deref();
            let got = self.shared.api.get(sets, namespace, &id.name).await;
            let Some(set) = got.map_err(|trouble| self.halted("get", id, trouble))? else {
                continue;
            };
            let list = self.shared.api.list(kind, namespace, "", LOOKED_AT).await;
            let list = list.map_err(|trouble| self.halted("list the claims of", id, trouble))?;
            for claim in &list {
                let text = |key: &str| claim["metadata"][key].as_str().map(str::to_owned);
                let claim = Id {
                    group: String::new(),
                    kind: "PersistentVolumeClaim".to_owned(),
                    namespace: text("namespace"),
                    name: text("name").unwrap_or_default(),
                };
                if is_claim_of(&claim, &set) {
                    let entry = Entry {
                        uid: text("uid"),
                        stale: true,
                        ..Entry::default()
                    };
                    claims.insert(claim, entry);
                }
            }
        }
        Ok(claims)
    }
}

/// Whether a claim was made from a template of the object, if that is a `StatefulSet`.
pub(crate) fn is_claim_of(id: &Id, set: &Value) -> bool {
    id.group.is_empty()
        && id.kind == "PersistentVolumeClaim"
        && set["kind"] == "StatefulSet"
        && id.namespace.as_deref() == set["metadata"]["namespace"].as_str()
        && is_from_template(&id.name, set)
}

/// Whether a claim of this name was made from a template of the set: `<template>-<set>-<ordinal>`.
fn is_from_template(name: &str, set: &Value) -> bool {
    let set_name = set["metadata"]["name"].as_str().unwrap_or_default();
    let templates = set["spec"]["volumeClaimTemplates"]
        .as_array()
        .into_iter()
        .flatten();
    let mut names = templates.filter_map(|template| template["metadata"]["name"].as_str());
    names.any(|template| {
        let ordinal = name
            .strip_prefix(template)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_prefix(set_name))
            .and_then(|rest| rest.strip_prefix('-'));
        ordinal
            .is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("data-nats-0" => true)]
    #[test_case("data-nats-12" => true)]
    #[test_case("data-nats-" => false)]
    #[test_case("data-nats-0-old" => false)]
    #[test_case("data-nats-2-0" => false ; "of a set with a longer name")]
    #[test_case("logs-nats-0" => false ; "of no template")]
    fn made_from_a_template(name: &str) -> bool {
        let set = json!({
            "metadata": {"name": "nats"},
            "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
        });
        is_from_template(name, &set)
    }
}
