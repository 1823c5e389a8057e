//! Where an inventory lies: read once, written only over what was read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Error, Inventory, text};
use crate::apply::api::{Api, Dependents, Trouble};
use crate::apply::cause;
use crate::apply::kinds::Kind;
use crate::manifest::{COMPONENT, MANAGED_BY, PROJECT};

/// One component's inventory in one cluster.
pub(crate) struct Store<'a> {
    pub(crate) api: &'a Api,
    pub(crate) cluster: &'a str,
    pub(crate) manager: &'a str,
    pub(crate) project: &'a str,
    pub(crate) component: &'a str,
    pub(crate) namespace: &'a str,
}

/// An inventory as it lies in the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) inventory: Inventory,
    /// The `ConfigMap` it came from; `None` if there is none.
    at: Option<At>,
}

/// Which `ConfigMap` in which version.
#[derive(Clone, Debug)]
struct At {
    uid: String,
    version: String,
}

impl Stored {
    /// Whether there is one.
    pub(crate) fn is_there(&self) -> bool {
        self.at.is_some()
    }
}

impl Store<'_> {
    /// `ratectl-<project>-<component>`.
    pub(crate) fn name(&self) -> String {
        super::name(self.project, self.component)
    }

    /// What is remembered; nothing if there is no such `ConfigMap`.
    pub(crate) async fn read(&self) -> Result<Stored, Error> {
        let got = self
            .api
            .get(&config_maps(), Some(self.namespace), &self.name())
            .await;
        let Some(map) = got.map_err(|trouble| self.failed("read", trouble))? else {
            let inventory = Inventory::new(self.project, self.component);
            return Ok(Stored { inventory, at: None });
        };
        let data: BTreeMap<String, String> = map
            .get("data")
            .map(|data| serde_json::from_value(data.clone()))
            .transpose()
            .map_err(|error| self.malformed(error.to_string()))?
            .unwrap_or_default();
        let inventory = text::decode(&data).map_err(|reason| self.malformed(reason))?;
        if (inventory.project.as_str(), inventory.component.as_str()) != (self.project, self.component) {
            let reason = format!(
                "it belongs to component {} of project {}",
                inventory.component, inventory.project
            );
            return Err(self.malformed(reason));
        }
        Ok(Stored {
            inventory,
            at: Some(at(&map)),
        })
    }

    /// Writes an inventory in the place of the one that was read. What had to be left out is returned, each a sentence.
    pub(crate) async fn write(
        &self,
        stored: &mut Stored,
        inventory: Inventory,
    ) -> Result<Vec<String>, Error> {
        let (data, notes) = text::encode(&inventory);
        let mut object = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": self.name(), "namespace": self.namespace,
                "labels": {MANAGED_BY: "ratectl", PROJECT: self.project, COMPONENT: self.component},
            },
            "data": data,
        });
        let kind = config_maps();
        let written = if let Some(at) = &stored.at {
            object["metadata"]["resourceVersion"] = at.version.clone().into();
            object["metadata"]["uid"] = at.uid.clone().into();
            self.api.replace(&kind, &object, self.manager).await
        } else {
            self.api.create(&kind, &object, self.manager).await
        };
        let map = written.map_err(|trouble| match trouble {
            Trouble::Refused(status) if status.code == 409 || stored.is_there() && status.code == 404 => {
                self.changing()
            }
            trouble => self.failed("write", trouble),
        })?;
        // What was let go to make room is no part of it any more.
        let inventory = text::decode(&data).map_err(|reason| self.malformed(reason))?;
        *stored = Stored {
            inventory,
            at: Some(at(&map)),
        };
        Ok(notes)
    }

    /// Forgets all.
    pub(crate) async fn delete(&self, stored: &Stored) -> Result<(), Error> {
        let Some(at) = &stored.at else { return Ok(()) };
        let name = self.name();
        let deleted = self
            .api
            .delete(
                &config_maps(),
                Some(self.namespace),
                &name,
                &at.uid,
                Dependents::Later,
            )
            .await;
        deleted
            .map(|_| ())
            .map_err(|trouble| self.failed("delete", trouble))
    }

    /// The error for what has never been deployed.
    pub(crate) fn absent(&self) -> Error {
        Error::Absent {
            component: self.component.to_owned(),
            namespace: self.namespace.to_owned(),
            cluster: self.cluster.to_owned(),
        }
    }

    fn changing(&self) -> Error {
        Error::Changing {
            component: self.component.to_owned(),
            cluster: self.cluster.to_owned(),
        }
    }

    pub(crate) fn malformed(&self, reason: String) -> Error {
        Error::Malformed {
            namespace: self.namespace.to_owned(),
            name: self.name(),
            cluster: self.cluster.to_owned(),
            reason,
        }
    }

    fn failed(&self, operation: &'static str, trouble: Trouble) -> Error {
        Error::Request {
            operation,
            namespace: self.namespace.to_owned(),
            name: self.name(),
            cluster: self.cluster.to_owned(),
            source: cause(trouble),
        }
    }
}

fn config_maps() -> Kind {
    Kind {
        api_version: "v1".to_owned(),
        name: "ConfigMap".to_owned(),
        plural: "configmaps".to_owned(),
        namespaced: true,
        listable: true,
    }
}

fn at(map: &Value) -> At {
    let text = |pointer: &str| map.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    At {
        uid: text("/metadata/uid").to_owned(),
        version: text("/metadata/resourceVersion").to_owned(),
    }
}
