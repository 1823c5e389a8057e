//! The namespace of a component: made when it is missing, and waited for when it is going.

use serde_json::json;

use super::act::Halt;
use super::item::{Item, Plan};
use super::run::Run;
use crate::manifest::{Layer, MANAGED_BY, Object, PROJECT};

impl Run<'_> {
    /// The component's namespace as an object to be made, unless the component brings it itself.
    pub(crate) fn own_namespace(&self, items: &[Item], table: &super::kinds::Table) -> Option<Item> {
        let brings = items
            .iter()
            .any(|item| item.layer == Layer::Namespaces && item.id.name == self.namespace);
        if brings {
            return None;
        }
        let object = Object::new(json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": self.namespace, "labels": {
                MANAGED_BY: "ratectl", PROJECT: self.shared.options.project,
            }},
        }))?;
        Some(Item {
            id: object.id(),
            layer: Layer::Namespaces,
            kind: table.of(&object).cloned(),
            object,
            live: None,
            plan: Plan::Create,
            shared: true,
            sent: false,
        })
    }

    /// Looks whether the namespace is there. One that is there stays as it is, whoever made it.
    pub(crate) async fn look_at_namespace(&self, item: &mut Item) -> Result<(), Halt> {
        let Some(kind) = &item.kind else { return Ok(()) };
        let got = self.shared.api.get(kind, None, &item.id.name).await;
        item.live = got.map_err(|trouble| self.halted("get", &item.id, trouble))?;
        item.plan = if item.live.is_some() && !item.is_terminating() {
            Plan::Keep
        } else {
            Plan::Create
        };
        Ok(())
    }
}
