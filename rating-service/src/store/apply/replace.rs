//! New content for what exists.

use uuid::Uuid;

use super::{Step, lock, taken_email};
use crate::domain::{
    Effect, Item, Kind, Precondition, Rating, RatingReplacement, Refusal, Replacement, Resource, Service,
    ServiceInput, Timestamp, User, UserInput,
};
use crate::store::outbox::{self, Happening};
use crate::store::sql::Session;
use crate::store::{ratings, services, users};

pub(super) async fn replace(
    session: &mut Session<'_>,
    id: Uuid,
    content: &Replacement,
    condition: &Precondition,
    now: Timestamp,
) -> Step<Effect> {
    let kind = match content {
        Replacement::User(_) => Kind::User,
        Replacement::Service(_) => Kind::Service,
        Replacement::Rating(_) => Kind::Rating,
    };
    let old = match lock(session, kind, id, condition).await? {
        Ok(item) => item,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let version = old.version + 1;
    let written = match (old.resource, content) {
        (Resource::User(old), Replacement::User(new)) => user(session, old, new, version, now).await?,
        (Resource::Service(old), Replacement::Service(new)) => {
            service(session, old, new, version, now).await?
        }
        (Resource::Rating(old), Replacement::Rating(new)) => rating(session, old, new, version, now).await?,
        _ => Err(Refusal::Missing(kind, id)),
    };
    let resource = match written {
        Ok(resource) => resource,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let item = Item { version, resource };
    outbox::append(session, Happening::Updated, &item, now).await?;
    Ok(Ok(Effect::Replaced(item)))
}

async fn user(
    session: &mut Session<'_>,
    old: User,
    new: &UserInput,
    version: i64,
    now: Timestamp,
) -> Step<Resource> {
    let (name, email) = (new.name.clone(), new.email.clone());
    let user = User {
        name,
        email,
        updated_at: now,
        ..old
    };
    let written = users::update(session, &user, &new.email_key(), version).await?;
    Ok(if written {
        Ok(Resource::User(user))
    } else {
        Err(taken_email())
    })
}

async fn service(
    session: &mut Session<'_>,
    old: Service,
    new: &ServiceInput,
    version: i64,
    now: Timestamp,
) -> Step<Resource> {
    let (name, description) = (new.name.clone(), new.description.clone());
    let service = Service {
        name,
        description,
        updated_at: now,
        ..old
    };
    services::update(session, &service, version).await?;
    Ok(Ok(Resource::Service(service)))
}

async fn rating(
    session: &mut Session<'_>,
    old: Rating,
    new: &RatingReplacement,
    version: i64,
    now: Timestamp,
) -> Step<Resource> {
    if new.user_id.is_some_and(|user| user != old.user_id) {
        return Ok(Err(Refusal::Fixed { field: "/userId" }));
    }
    if new.service_id.is_some_and(|service| service != old.service_id) {
        return Ok(Err(Refusal::Fixed { field: "/serviceId" }));
    }
    let (score, comment) = (new.score, new.comment.clone());
    let rating = Rating {
        score,
        comment,
        updated_at: now,
        ..old
    };
    ratings::update(session, &rating, version).await?;
    Ok(Ok(Resource::Rating(rating)))
}
