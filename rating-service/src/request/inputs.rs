//! Bodies of writes as inputs of the domain.

use contract::envelope::{Request, Version};
use serde_json::Value;
use uuid::Uuid;

use super::body::{self, Faults, Fields};
use super::{Rejection, rejection};
use crate::domain::{
    self, Change, Kind, MAX_LIMIT, Precondition, RatingInput, RatingReplacement, Replacement, ServiceInput,
    UserInput,
};

/// Ratings of one request at most.
const MAX_ITEMS: usize = 500;

/// Fields that the service writes; a client may send back what it read.
const WRITTEN_BY_SERVICE: [&str; 2] = ["createdAt", "updatedAt"];

/// A change that creates what the body says, with new ids.
pub(super) fn create(kind: Kind, request: &Request) -> Result<Change, Rejection> {
    let value = body::json(request)?;
    let mut faults = Faults::default();
    let change = match kind {
        Kind::User => {
            object(&value, &mut faults, user).map(|input| Change::CreateUser(Uuid::now_v7(), input))
        }
        Kind::Service => {
            object(&value, &mut faults, service).map(|input| Change::CreateService(Uuid::now_v7(), input))
        }
        Kind::Rating if value.get("items").is_some() => {
            let read = match request.version {
                Version::V1 => rating_of_original,
                Version::V2 => rating,
            };
            items(&value, &mut faults, read).map(Change::CreateRatings)
        }
        Kind::Rating => {
            object(&value, &mut faults, rating).map(|input| Change::CreateRating(Uuid::now_v7(), input))
        }
    };
    faults.check(change)
}

/// A change that gives a resource the content of the body.
pub(super) fn replace(
    kind: Kind,
    id: Uuid,
    condition: Precondition,
    request: &Request,
) -> Result<Change, Rejection> {
    let value = body::json(request)?;
    let mut faults = Faults::default();
    let content = match kind {
        Kind::User => existing(&value, id, &mut faults, user).map(Replacement::User),
        Kind::Service => existing(&value, id, &mut faults, service).map(Replacement::Service),
        Kind::Rating => existing(&value, id, &mut faults, replacement).map(Replacement::Rating),
    };
    faults
        .check(content)
        .map(|content| Change::Replace(id, content, condition))
}

/// The ids that the body of a delete lists: `{"ids": [...]}`.
pub(super) fn ids_of_body(request: &Request) -> Result<Vec<Uuid>, Rejection> {
    if matches!(&*request.body, b"" | b"{}") {
        return Err(rejection::parameter(
            "id",
            "is required: say which ratings, by ?id=, ?ids= or {\"ids\": [...]}",
        ));
    }
    ids_of(&body::json(request)?)
}

fn ids_of(value: &Value) -> Result<Vec<Uuid>, Rejection> {
    let mut faults = Faults::default();
    let ids = object(value, &mut faults, |fields, faults| {
        fields.required("ids", uuids, faults)
    });
    faults.check(ids)
}

/// The ids that an original client lists in the body of a read, if it does.
pub(super) fn ids_of_original(request: &Request) -> Result<Option<Vec<Uuid>>, Rejection> {
    if request.version != Version::V1 || matches!(&*request.body, b"" | b"{}") {
        return Ok(None);
    }
    let value = body::json(request)?;
    match value.get("ids") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(ids)) if ids.is_empty() => Ok(None),
        Some(_) => ids_of(&value).map(Some),
    }
}

type Reader<T> = fn(&mut Fields<'_>, &mut Faults) -> Option<T>;

fn object<T>(value: &Value, faults: &mut Faults, read: Reader<T>) -> Option<T> {
    object_at(value, String::new(), faults, read)
}

fn object_at<T>(value: &Value, pointer: String, faults: &mut Faults, read: Reader<T>) -> Option<T> {
    let mut fields = Fields::of(value, pointer, faults)?;
    let result = read(&mut fields, faults);
    fields.end(faults);
    result
}

fn existing<T>(value: &Value, id: Uuid, faults: &mut Faults, read: Reader<T>) -> Option<T> {
    let mut fields = Fields::of(value, String::new(), faults)?;
    let result = read(&mut fields, faults);
    if let Some(Some(stated)) = fields.optional("id", uuid_value, faults)
        && stated != id
    {
        faults.add("/id", "is not the id in the path");
    }
    fields.ignore(&WRITTEN_BY_SERVICE);
    fields.end(faults);
    result
}

fn items(value: &Value, faults: &mut Faults, read: Reader<RatingInput>) -> Option<Vec<(Uuid, RatingInput)>> {
    let mut fields = Fields::of(value, String::new(), faults)?;
    let items = fields.required("items", |value| array(value, MAX_ITEMS).cloned(), faults);
    fields.end(faults);
    let items = items?;
    let read = |(place, item)| {
        let input = object_at(item, format!("/items/{place}"), faults, read);
        input.map(|input| (Uuid::now_v7(), input))
    };
    // Every item is looked at before the first wrong one ends it.
    items
        .iter()
        .enumerate()
        .map(read)
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

fn user(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<UserInput> {
    let name = fields.required("name", |value| domain::name(text(value)?), faults);
    let email = fields.required("email", |value| domain::email(text(value)?), faults);
    Some(UserInput {
        name: name?,
        email: email?,
    })
}

fn service(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<ServiceInput> {
    let name = fields.required("name", |value| domain::name(text(value)?), faults);
    let description = fields.optional("description", |value| domain::description(text(value)?), faults);
    Some(ServiceInput {
        name: name?,
        description: description?.unwrap_or_default(),
    })
}

fn rating(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<RatingInput> {
    let user_id = fields.required("userId", uuid_value, faults);
    let service_id = fields.required("serviceId", uuid_value, faults);
    let score = fields.required("score", score, faults);
    let comment = fields.optional("comment", |value| domain::comment(text(value)?), faults);
    Some(RatingInput {
        user_id: user_id?,
        service_id: service_id?,
        score: score?,
        comment: comment?.flatten(),
    })
}

/// The original's schema has an id in a new rating, and its service does not look at it.
fn rating_of_original(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<RatingInput> {
    fields.ignore(&["id"]);
    rating(fields, faults)
}

fn replacement(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<RatingReplacement> {
    let user_id = fields.optional("userId", uuid_value, faults);
    let service_id = fields.optional("serviceId", uuid_value, faults);
    let score = fields.required("score", score, faults);
    let comment = fields.optional("comment", |value| domain::comment(text(value)?), faults);
    Some(RatingReplacement {
        user_id: user_id?,
        service_id: service_id?,
        score: score?,
        comment: comment?.flatten(),
    })
}

fn text(value: &Value) -> Result<&str, String> {
    value
        .as_str()
        .ok_or_else(|| format!("must be a text, not {}", body::kind(value)))
}

fn score(value: &Value) -> Result<i64, String> {
    value
        .as_i64()
        .ok_or_else(|| "must be an integer from 0 to 5".to_owned())
        .and_then(domain::score)
}

fn array(value: &Value, max: usize) -> Result<&Vec<Value>, String> {
    let items = value
        .as_array()
        .ok_or_else(|| format!("must be an array, not {}", body::kind(value)))?;
    match items.len() {
        0 => Err("must not be empty".to_owned()),
        length if length > max => Err(format!("must have at most {max} entries, not {length}")),
        _ => Ok(items),
    }
}

fn uuids(value: &Value) -> Result<Vec<Uuid>, String> {
    array(value, MAX_LIMIT)?.iter().map(uuid_value).collect()
}

fn uuid_value(value: &Value) -> Result<Uuid, String> {
    uuid(text(value)?)
}

/// A UUID in its usual form, 36 characters with hyphens.
pub(super) fn uuid(text: &str) -> Result<Uuid, String> {
    let wrong = || "must be a UUID such as 01932c07-209c-7d3e-8f3a-2b1c4d5e6f70".to_owned();
    if text.len() != 36 {
        return Err(wrong());
    }
    Uuid::try_parse(text).map_err(|_| wrong())
}
