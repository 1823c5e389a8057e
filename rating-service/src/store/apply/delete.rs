//! The end of resources.

use uuid::Uuid;

use super::{ROLLBACK, SAVEPOINT, Step, lock};
use crate::domain::{Effect, Kind, Precondition, Refusal, Timestamp};
use crate::store::outbox::{self, Happening};
use crate::store::sql::Session;
use crate::store::table;

pub(super) async fn one(
    session: &mut Session<'_>,
    kind: Kind,
    id: Uuid,
    condition: &Precondition,
    now: Timestamp,
) -> Step<Effect> {
    let mut item = match lock(session, kind, id, condition).await? {
        Ok(item) => item,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if table::of(kind).is_referred_to(session, id).await? {
        return Ok(Err(Refusal::InUse(kind, id)));
    }
    table::of(kind).delete(session, id).await?;
    // The end is a change too: the versions of an aggregate's events have no gap.
    item.version += 1;
    outbox::append(session, Happening::Deleted, &item, now).await?;
    Ok(Ok(Effect::Deleted))
}

pub(super) async fn ratings(session: &mut Session<'_>, ids: &[Uuid], now: Timestamp) -> Step<Effect> {
    session.execute(SAVEPOINT, &[]).await?;
    let mut order = ids.to_vec();
    order.sort_unstable(); // as for lists of new ratings
    order.dedup();
    for id in order {
        if let Err(refusal) = one(session, Kind::Rating, id, &Precondition::None, now).await? {
            session.execute(ROLLBACK, &[]).await?;
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(Effect::Deleted))
}
