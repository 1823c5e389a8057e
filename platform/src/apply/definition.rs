//! Definitions of kinds: applied is not served yet.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Problem;
use super::act::Halt;
use super::item::{Item, defined};
use super::look::failed;
use super::run::Run;
use crate::manifest::Layer;

/// How long a definition may take to be established.
const LIMIT: Duration = Duration::from_secs(30);
/// How often is looked.
const POLL: Duration = Duration::from_millis(40);

impl Run<'_> {
    /// Waits until the definitions among the objects are established, and the server serves their kinds.
    pub(crate) async fn definitions_served(&self, items: &mut [Item]) -> Result<(), Halt> {
        let deadline = Instant::now() + LIMIT;
        for item in items.iter().filter(|item| item.layer == Layer::Definitions) {
            self.established(item, deadline).await?;
        }
        let client = self.shared.api.client();
        let asked = |trouble| Halt::Trouble("ask which kinds there are".to_owned(), trouble);
        let mut table = self.shared.kinds.table(client).await.map_err(asked)?;
        loop {
            table = self.shared.kinds.newer(client, &table).await.map_err(asked)?;
            let wanted = items.iter().flat_map(|item| defined(&item.object));
            let missing = wanted.into_iter().find(|kind| !table.has(kind));
            let Some(missing) = missing else { break };
            if Instant::now() >= deadline {
                let definition = items.iter().find(|item| defined(&item.object).contains(&missing));
                let Some(item) = definition else { break };
                return Err(failed(&item.id, too_long("its kind to be served"), None));
            }
            tokio::time::sleep(POLL).await;
        }
        for item in items.iter_mut().filter(|item| item.kind.is_none()) {
            item.kind = table.of(&item.object).cloned();
        }
        Ok(())
    }

    async fn established(&self, item: &Item, deadline: Instant) -> Result<(), Halt> {
        let mut live = item.live.clone();
        loop {
            let conditions = live.as_ref().map(Conditions::of).unwrap_or_default();
            if conditions.established && conditions.accepted {
                return Ok(());
            }
            if let Some(reason) = conditions.refused {
                return Err(self.failed(item, Problem::Other { message: reason }));
            }
            if Instant::now() >= deadline {
                return Err(failed(&item.id, too_long("it to be established"), None));
            }
            tokio::time::sleep(POLL).await;
            let Some(kind) = &item.kind else { return Ok(()) };
            let got = self.shared.api.get(kind, None, &item.id.name).await;
            live = got.map_err(|trouble| self.halted("get", &item.id, trouble))?;
        }
    }
}

fn too_long(waiting_for: &str) -> Problem {
    Problem::Timeout {
        waiting_for: waiting_for.to_owned(),
        limit_seconds: LIMIT.as_secs(),
    }
}

/// What a definition's status says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Conditions {
    established: bool,
    accepted: bool,
    /// Why its names are not accepted: another definition has them.
    refused: Option<String>,
}

impl Conditions {
    fn of(live: &Value) -> Self {
        let mut conditions = Self::default();
        let list = live.pointer("/status/conditions").and_then(Value::as_array);
        for condition in list.into_iter().flatten() {
            let text = |key: &str| condition.get(key).and_then(Value::as_str).unwrap_or_default();
            match (text("type"), text("status")) {
                ("Established", "True") => conditions.established = true,
                ("NamesAccepted", "True") => conditions.accepted = true,
                ("NamesAccepted", "False") => {
                    conditions.refused = Some(crate::kubernetes::text::line(text("message")));
                }
                _ => {}
            }
        }
        conditions
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_definition_is_served_once_it_is_established_and_its_names_are_accepted() {
        let live = |established: &str, accepted: &str| {
            Conditions::of(&json!({"status": {"conditions": [
                {"type": "NamesAccepted", "status": accepted, "message": "\"a\" is already in use"},
                {"type": "Established", "status": established},
            ]}}))
        };
        assert_eq!(Conditions::of(&json!({})), Conditions::default());
        let good = live("True", "True");
        assert!(good.established && good.accepted && good.refused.is_none());
        let taken = live("False", "False");
        assert_eq!(taken.refused.as_deref(), Some("\"a\" is already in use"));
    }
}
