//! Carries a change out inside an open transaction, with the events it causes.
//!
//! What a change needs to be true is looked up in the same transaction under a lock, so a refusal is a result and never a
//! database error; only races that the databases themselves detect come as errors.

mod create;
mod delete;
mod replace;

use uuid::Uuid;

use super::sql::{Session, Sql};
use super::{StoreError, table};
use crate::domain::{Change, Effect, Item, Kind, Precondition, Refusal, Timestamp};

const SAVEPOINT: Sql = Sql::both("begin a list", "SAVEPOINT list");
const ROLLBACK: Sql = Sql::both("undo a list", "ROLLBACK TO SAVEPOINT list");

/// What a step led to, or why it was not taken.
type Step<T> = Result<Result<T, Refusal>, StoreError>;

/// Makes the change, or finds out why it cannot be made; then nothing has changed.
pub(super) async fn apply(
    session: &mut Session<'_>,
    change: &Change,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let step = match change {
        Change::CreateUser(id, input) => create::user(session, *id, input, now).await?,
        Change::CreateService(id, input) => create::service(session, *id, input, now).await?,
        Change::CreateRating(id, input) => create::rating(session, *id, input, "", now)
            .await?
            .map(Effect::Created),
        Change::CreateRatings(inputs) => create::ratings(session, inputs, now).await?,
        Change::Replace(id, content, condition) => {
            replace::replace(session, *id, content, condition, now).await?
        }
        Change::Delete(kind, id, condition) => delete::one(session, *kind, *id, condition, now).await?,
        Change::DeleteRatings(ids) => delete::ratings(session, ids, now).await?,
    };
    Ok(step.unwrap_or_else(Effect::Refused))
}

/// The resource as it is, held for this transaction, if the client knows this version.
async fn lock(session: &mut Session<'_>, kind: Kind, id: Uuid, condition: &Precondition) -> Step<Item> {
    Ok(match table::of(kind).lock(session, id).await? {
        None => Err(Refusal::Missing(kind, id)),
        Some(item) if !condition.holds(item.version) => Err(Refusal::Stale(kind, item.version)),
        Some(item) => Ok(item),
    })
}

fn taken_email() -> Refusal {
    let (fields, detail) = (vec!["/email".to_owned()], "another user has this address");
    Refusal::Duplicate { fields, detail }
}
