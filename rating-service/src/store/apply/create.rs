//! New resources.

use uuid::Uuid;

use super::{ROLLBACK, SAVEPOINT, Step, taken_email};
use crate::domain::{
    Effect, Item, Kind, Rating, RatingInput, Refusal, Resource, Service, ServiceInput, Timestamp, User,
    UserInput,
};
use crate::store::outbox::{self, Happening};
use crate::store::sql::Session;
use crate::store::{StoreError, ratings, services, users};

const FIRST_VERSION: i64 = 1;

pub(super) async fn user(
    session: &mut Session<'_>,
    id: Uuid,
    input: &UserInput,
    now: Timestamp,
) -> Step<Effect> {
    let (name, email) = (input.name.clone(), input.email.clone());
    let user = User {
        id,
        name,
        email,
        created_at: now,
        updated_at: now,
    };
    if !users::insert(session, &user, &input.email_key()).await? {
        return Ok(Err(taken_email()));
    }
    let item = created(session, Resource::User(user), now).await?;
    Ok(Ok(Effect::Created(item)))
}

pub(super) async fn service(
    session: &mut Session<'_>,
    id: Uuid,
    input: &ServiceInput,
    now: Timestamp,
) -> Step<Effect> {
    let (name, description) = (input.name.clone(), input.description.clone());
    let service = Service {
        id,
        name,
        description,
        created_at: now,
        updated_at: now,
    };
    services::insert(session, &service).await?;
    let item = created(session, Resource::Service(service), now).await?;
    Ok(Ok(Effect::Created(item)))
}

/// `place` is the JSON pointer to the rating in the request.
pub(super) async fn rating(
    session: &mut Session<'_>,
    id: Uuid,
    input: &RatingInput,
    place: &str,
    now: Timestamp,
) -> Step<Item> {
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
    created(session, Resource::Rating(rating), now).await.map(Ok)
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

pub(super) async fn ratings(
    session: &mut Session<'_>,
    inputs: &[(Uuid, RatingInput)],
    now: Timestamp,
) -> Step<Effect> {
    session.execute(SAVEPOINT, &[]).await?;
    // One order for all requests, so that two lists with the same pairs wait for each other instead of deadlocking.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by_key(|place| (inputs[*place].1.user_id, inputs[*place].1.service_id));
    let mut items = vec![None; inputs.len()];
    for place in order {
        let (id, input) = &inputs[place];
        match rating(session, *id, input, &format!("/items/{place}"), now).await? {
            Ok(item) => items[place] = Some(item),
            Err(refusal) => {
                session.execute(ROLLBACK, &[]).await?;
                return Ok(Err(refusal));
            }
        }
    }
    Ok(Ok(Effect::CreatedAll(items.into_iter().flatten().collect())))
}

async fn created(session: &mut Session<'_>, resource: Resource, now: Timestamp) -> Result<Item, StoreError> {
    let item = Item {
        version: FIRST_VERSION,
        resource,
    };
    outbox::append(session, Happening::Created, &item, now).await?;
    Ok(item)
}
