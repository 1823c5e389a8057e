//! What an apply would change, object by object, side by side.

use serde::Serialize;
use serde_json::Value;

use super::act::{Halt, Work, side_by_side};
use super::item::{Item, Plan};
use super::problem::Problem;
use super::run::Run;
use crate::inventory::Inventory;
use crate::manifest::{Id, strip};

/// An object as it is, and as the API server says it would be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The object.
    pub id: Id,
    /// As it is; `None` if there is none.
    pub live: Option<Value>,
    /// As it would be; `None` if it would be pruned.
    pub wanted: Option<Value>,
    /// It cannot be changed and would be deleted and made anew.
    pub recreated: bool,
}

impl Run<'_> {
    /// Every object that an apply would change. Defaults are in both sides, managed fields in none.
    pub(crate) async fn compare(
        &self,
        items: &mut [Item],
        known: &Inventory,
    ) -> Result<Vec<Difference>, Halt> {
        self.look(items, known).await?;
        let mut differences: Vec<Difference> = items
            .iter()
            .filter(|item| item.plan != Plan::Keep)
            .map(|item| Difference {
                id: item.id.clone(),
                live: item.live.clone(),
                wanted: Some(item.object.value().clone()),
                recreated: item.plan == Plan::Recreate,
            })
            .collect();
        let changing = items.iter().filter(|item| item.plan != Plan::Keep);
        let work = changing
            .zip(&mut differences)
            .map(|(item, difference)| -> Work<'_> { Box::pin(self.rehearse(item, difference)) });
        side_by_side(work.collect()).await?;
        for difference in &mut differences {
            let sides = difference.live.iter_mut().chain(&mut difference.wanted);
            sides.for_each(strip);
        }
        Ok(differences)
    }

    /// Asks how the object would look.
    async fn rehearse(&self, item: &Item, difference: &mut Difference) -> Result<(), Halt> {
        let Some(kind) = item.kind.as_ref().filter(|_| item.plan != Plan::Recreate) else {
            return Ok(());
        };
        match self.send(item, kind, true).await.map_err(Problem::of_trouble) {
            Ok(wanted) => difference.wanted = Some(wanted),
            // Its namespace will be made first: nobody can say yet what defaults it gets.
            Err(Ok(Problem::NoNamespace { .. })) => {}
            Err(Ok(problem)) => return Err(self.failed(item, problem)),
            Err(Err(trouble)) => return Err(self.halted("apply", &item.id, trouble)),
        }
        Ok(())
    }
}
