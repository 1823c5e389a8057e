//! Carries a change out inside an open transaction, with the events it causes.
//!
//! What a change needs to be true is looked up in the same transaction under a lock, so a refusal is a result and never a
//! database error; only races that the databases themselves detect come as errors.

use uuid::Uuid;

use super::outbox::{self, Happening};
use super::sql::{Session, Sql};
use super::{StoreError, ratings, services, table, users};
use crate::domain::{
    Change, Effect, Item, Kind, Precondition, Rating, RatingInput, RatingReplacement, Refusal, Resource,
    Service, ServiceInput, Timestamp, User, UserInput,
};

const FIRST_VERSION: i64 = 1;
const SAVEPOINT: Sql = Sql::both("begin a list", "SAVEPOINT list");
const ROLLBACK: Sql = Sql::both("undo a list", "ROLLBACK TO SAVEPOINT list");

/// Makes the change, or finds out why it cannot be made; then nothing has changed.
pub(super) async fn apply(
    session: &mut Session<'_>,
    change: &Change,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    match change {
        Change::CreateUser(id, input) => create_user(session, *id, input, now).await,
        Change::CreateService(id, input) => create_service(session, *id, input, now).await,
        Change::CreateRating(id, input) => Ok(match create_rating(session, *id, input, "", now).await? {
            Ok(item) => Effect::Created(item),
            Err(refusal) => Effect::Refused(refusal),
        }),
        Change::CreateRatings(inputs) => create_ratings(session, inputs, now).await,
        Change::ReplaceUser(id, input, condition) => match lock(session, Kind::User, *id, condition).await? {
            Ok(old) => replace_user(session, &old, input, now).await,
            Err(refusal) => Ok(Effect::Refused(refusal)),
        },
        Change::ReplaceService(id, input, condition) => {
            match lock(session, Kind::Service, *id, condition).await? {
                Ok(old) => replace_service(session, &old, input, now).await,
                Err(refusal) => Ok(Effect::Refused(refusal)),
            }
        }
        Change::ReplaceRating(id, input, condition) => {
            match lock(session, Kind::Rating, *id, condition).await? {
                Ok(old) => replace_rating(session, &old, input, now).await,
                Err(refusal) => Ok(Effect::Refused(refusal)),
            }
        }
        Change::Delete(kind, id, condition) => {
            Ok(match delete(session, *kind, *id, condition, now).await? {
                Ok(()) => Effect::Deleted,
                Err(refusal) => Effect::Refused(refusal),
            })
        }
        Change::DeleteRatings(ids) => delete_ratings(session, ids, now).await,
    }
}

async fn create_user(
    session: &mut Session<'_>,
    id: Uuid,
    input: &UserInput,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let user = User {
        id,
        name: input.name.clone(),
        email: input.email.clone(),
        created_at: now,
        updated_at: now,
    };
    if !users::insert(session, &user, &input.email_key()).await? {
        return Ok(Effect::Refused(taken_email()));
    }
    let item = Item {
        version: FIRST_VERSION,
        resource: Resource::User(user),
    };
    outbox::append(session, Happening::Created, &item, now).await?;
    Ok(Effect::Created(item))
}

async fn create_service(
    session: &mut Session<'_>,
    id: Uuid,
    input: &ServiceInput,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let (name, description) = (input.name.clone(), input.description.clone());
    let service = Service {
        id,
        name,
        description,
        created_at: now,
        updated_at: now,
    };
    services::insert(session, &service).await?;
    let item = Item {
        version: FIRST_VERSION,
        resource: Resource::Service(service),
    };
    outbox::append(session, Happening::Created, &item, now).await?;
    Ok(Effect::Created(item))
}

/// `place` is the JSON pointer to the rating in the request.
async fn create_rating(
    session: &mut Session<'_>,
    id: Uuid,
    input: &RatingInput,
    place: &str,
    now: Timestamp,
) -> Result<Result<Item, Refusal>, StoreError> {
    let rating = Rating {
        id,
        user_id: input.user_id,
        service_id: input.service_id,
        score: input.score,
        comment: input.comment.clone(),
        created_at: now,
        updated_at: now,
    };
    if !ratings::insert(session, &rating).await? {
        return why_not_rated(session, input, place).await.map(Err);
    }
    let item = Item {
        version: FIRST_VERSION,
        resource: Resource::Rating(rating),
    };
    outbox::append(session, Happening::Created, &item, now).await?;
    Ok(Ok(item))
}

async fn why_not_rated(
    session: &mut Session<'_>,
    input: &RatingInput,
    place: &str,
) -> Result<Refusal, StoreError> {
    let standing = ratings::standing(session, input.user_id, input.service_id).await?;
    let mut unknown = Vec::new();
    if !standing.user {
        unknown.push((format!("{place}/userId"), Kind::User, input.user_id));
    }
    if !standing.service {
        unknown.push((format!("{place}/serviceId"), Kind::Service, input.service_id));
    }
    if !unknown.is_empty() {
        return Ok(Refusal::UnknownReferences(unknown));
    }
    if standing.rating {
        let fields = vec![format!("{place}/userId"), format!("{place}/serviceId")];
        return Ok(Refusal::Duplicate {
            fields,
            detail: "this user has already rated this service",
        });
    }
    Err(StoreError::Raced) // what was missing has come in the meantime
}

async fn create_ratings(
    session: &mut Session<'_>,
    inputs: &[(Uuid, RatingInput)],
    now: Timestamp,
) -> Result<Effect, StoreError> {
    session.execute(SAVEPOINT, &[]).await?;
    // One order for all requests, so that two lists with the same pairs wait for each other instead of deadlocking.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by_key(|place| (inputs[*place].1.user_id, inputs[*place].1.service_id));
    let mut items = vec![None; inputs.len()];
    for place in order {
        let (id, input) = &inputs[place];
        match create_rating(session, *id, input, &format!("/items/{place}"), now).await? {
            Ok(item) => items[place] = Some(item),
            Err(refusal) => {
                session.execute(ROLLBACK, &[]).await?;
                return Ok(Effect::Refused(refusal));
            }
        }
    }
    Ok(Effect::CreatedAll(items.into_iter().flatten().collect()))
}

/// The resource as it is, held for this transaction, if the client knows this version.
async fn lock(
    session: &mut Session<'_>,
    kind: Kind,
    id: Uuid,
    condition: &Precondition,
) -> Result<Result<Item, Refusal>, StoreError> {
    Ok(match table::of(kind).lock(session, id).await? {
        None => Err(Refusal::Missing(kind, id)),
        Some(item) if !condition.holds(item.version) => Err(Refusal::Stale(kind, item.version)),
        Some(item) => Ok(item),
    })
}

async fn replace_user(
    session: &mut Session<'_>,
    old: &Item,
    input: &UserInput,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let Resource::User(old_user) = &old.resource else {
        return Err(StoreError::Unreadable { what: "user" });
    };
    let (name, email) = (input.name.clone(), input.email.clone());
    let user = User {
        name,
        email,
        updated_at: now,
        ..old_user.clone()
    };
    if !users::update(session, &user, &input.email_key(), old.version + 1).await? {
        return Ok(Effect::Refused(taken_email()));
    }
    replaced(
        session,
        Item {
            version: old.version + 1,
            resource: Resource::User(user),
        },
        now,
    )
    .await
}

async fn replace_service(
    session: &mut Session<'_>,
    old: &Item,
    input: &ServiceInput,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let Resource::Service(old_service) = &old.resource else {
        return Err(StoreError::Unreadable { what: "service" });
    };
    let (name, description) = (input.name.clone(), input.description.clone());
    let service = Service {
        name,
        description,
        updated_at: now,
        ..old_service.clone()
    };
    services::update(session, &service, old.version + 1).await?;
    replaced(
        session,
        Item {
            version: old.version + 1,
            resource: Resource::Service(service),
        },
        now,
    )
    .await
}

async fn replace_rating(
    session: &mut Session<'_>,
    old: &Item,
    input: &RatingReplacement,
    now: Timestamp,
) -> Result<Effect, StoreError> {
    let Resource::Rating(old_rating) = &old.resource else {
        return Err(StoreError::Unreadable { what: "rating" });
    };
    if input.user_id.is_some_and(|user| user != old_rating.user_id) {
        return Ok(Effect::Refused(Refusal::Fixed { field: "/userId" }));
    }
    if input
        .service_id
        .is_some_and(|service| service != old_rating.service_id)
    {
        return Ok(Effect::Refused(Refusal::Fixed { field: "/serviceId" }));
    }
    let (score, comment) = (input.score, input.comment.clone());
    let rating = Rating {
        score,
        comment,
        updated_at: now,
        ..old_rating.clone()
    };
    ratings::update(session, &rating, old.version + 1).await?;
    replaced(
        session,
        Item {
            version: old.version + 1,
            resource: Resource::Rating(rating),
        },
        now,
    )
    .await
}

async fn replaced(session: &mut Session<'_>, item: Item, now: Timestamp) -> Result<Effect, StoreError> {
    outbox::append(session, Happening::Updated, &item, now).await?;
    Ok(Effect::Replaced(item))
}

async fn delete(
    session: &mut Session<'_>,
    kind: Kind,
    id: Uuid,
    condition: &Precondition,
    now: Timestamp,
) -> Result<Result<(), Refusal>, StoreError> {
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
    Ok(Ok(()))
}

async fn delete_ratings(
    session: &mut Session<'_>,
    ids: &[Uuid],
    now: Timestamp,
) -> Result<Effect, StoreError> {
    session.execute(SAVEPOINT, &[]).await?;
    let mut order = ids.to_vec();
    order.sort_unstable(); // as in create_ratings
    order.dedup();
    for id in order {
        if let Err(refusal) = delete(session, Kind::Rating, id, &Precondition::None, now).await? {
            session.execute(ROLLBACK, &[]).await?;
            return Ok(Effect::Refused(refusal));
        }
    }
    Ok(Effect::Deleted)
}

fn taken_email() -> Refusal {
    Refusal::Duplicate {
        fields: vec!["/email".to_owned()],
        detail: "another user has this address",
    }
}
