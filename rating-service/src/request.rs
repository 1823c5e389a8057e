//! Reads HTTP requests: what is asked for, and everything that can be wrong with it before the database is asked.

mod body;
mod entity_tag;
mod idempotency;
mod inputs;
mod query_string;
mod rejection;
mod route;

use contract::envelope::Request;
use contract::problem::FieldError;
use http::{Method, StatusCode};
use uuid::Uuid;

pub use entity_tag::NoneMatch;
pub use idempotency::key;
pub use rejection::Rejection;

use crate::domain::{
    Change, Cursor, DEFAULT_LIMIT, Kind, MAX_LIMIT, Page, Precondition, Query, RatingFilter,
};
use query_string::QueryString;
use route::Route;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A read, and which versions the client has already.
    Read(Query, NoneMatch),
    /// A write.
    Write(Change),
}

/// Finds out what a request asks for.
///
/// # Errors
/// The answer to a request that cannot be executed whatever is stored.
pub fn interpret(request: &Request) -> Result<Operation, Rejection> {
    let route = Route::of(&request.path)?;
    let query = QueryString::parse(request.query.as_deref())?;
    let read = request.method == Method::GET || request.method == Method::HEAD;
    match route {
        Route::Collection(kind) if read => {
            list(kind, &query, request).and_then(|query| reading(query, request))
        }
        Route::Item(kind, id) if read => query
            .only(&[])
            .and_then(|()| reading(Query::One(kind, id), request)),
        Route::Summary(id) if read => query
            .only(&[])
            .and_then(|()| reading(Query::Summary(id), request)),
        Route::Collection(kind) if request.method == Method::POST => {
            query.only(&[])?;
            inputs::create(kind, request).map(Operation::Write)
        }
        Route::Collection(Kind::Rating) if request.method == Method::DELETE => {
            delete_by_query(&query, request).map(Operation::Write)
        }
        Route::Item(kind, id) if request.method == Method::PUT => {
            query.only(&[])?;
            let precondition = entity_tag::if_match(&request.headers)?;
            if precondition == Precondition::None {
                return Err(rejection::precondition_required());
            }
            inputs::replace(kind, id, precondition, request).map(Operation::Write)
        }
        Route::Item(kind, id) if request.method == Method::DELETE => {
            query.only(&[])?;
            Ok(Operation::Write(Change::Delete(
                kind,
                id,
                entity_tag::if_match(&request.headers)?,
            )))
        }
        _ => Err(rejection::method_not_allowed(&request.method, route.allow())),
    }
}

fn reading(query: Query, request: &Request) -> Result<Operation, Rejection> {
    Ok(Operation::Read(
        query,
        entity_tag::if_none_match(&request.headers)?,
    ))
}

fn list(kind: Kind, query: &QueryString, request: &Request) -> Result<Query, Rejection> {
    match kind {
        Kind::User => query
            .only(&["limit", "cursor"])
            .and_then(|()| page(query))
            .map(Query::Users),
        Kind::Service => query
            .only(&["limit", "cursor"])
            .and_then(|()| page(query))
            .map(Query::Services),
        Kind::Rating if query.get("ids").is_some() => {
            query.only(&["ids"])?;
            Ok(Query::RatingsById(ids(query)?))
        }
        Kind::Rating => {
            // The original's clients may name ratings in the body of a GET, which in HTTP means nothing.
            if let Some(ids) = inputs::ids_of_original(request)? {
                query.only(&[])?;
                return Ok(Query::RatingsById(ids));
            }
            query.only(&["userId", "serviceId", "limit", "cursor", "ids"])?;
            let filter = RatingFilter {
                user_id: id(query, "userId")?,
                service_id: id(query, "serviceId")?,
            };
            Ok(Query::Ratings(filter, page(query)?))
        }
    }
}

fn page(query: &QueryString) -> Result<Page, Rejection> {
    let limit = match query.get("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => match text.parse() {
            Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => limit,
            _ => {
                return Err(rejection::parameter(
                    "limit",
                    format!("must be an integer from 1 to {MAX_LIMIT}"),
                ));
            }
        },
    };
    let after = query.get("cursor").map(str::parse::<Cursor>).transpose();
    Ok(Page {
        limit,
        after: after.map_err(|error| rejection::parameter("cursor", error.to_string()))?,
    })
}

fn id(query: &QueryString, name: &str) -> Result<Option<Uuid>, Rejection> {
    query
        .get(name)
        .map(|text| inputs::uuid(text).map_err(|detail| rejection::parameter(name, detail)))
        .transpose()
}

fn ids(query: &QueryString) -> Result<Vec<Uuid>, Rejection> {
    let texts: Vec<&str> = query.get("ids").unwrap_or_default().split(',').collect();
    if texts.len() > MAX_LIMIT {
        return Err(rejection::parameter(
            "ids",
            format!("must name at most {MAX_LIMIT} ratings"),
        ));
    }
    let ids = texts
        .into_iter()
        .map(|text| inputs::uuid(text.trim()))
        .collect::<Result<_, _>>();
    ids.map_err(|detail| rejection::parameter("ids", detail))
}

/// The original deletes by `?id=`, `?ids=` or a body; `If-Match` speaks of one resource only.
fn delete_by_query(query: &QueryString, request: &Request) -> Result<Change, Rejection> {
    query.only(&["id", "ids"])?;
    let precondition = entity_tag::if_match(&request.headers)?;
    let ids = match (id(query, "id")?, query.get("ids")) {
        (Some(id), None) => return Ok(Change::Delete(Kind::Rating, id, precondition)),
        (None, Some(_)) => ids(query)?,
        (None, None) => inputs::ids_of_body(request)?,
        (Some(_), Some(_)) => return Err(rejection::parameter("ids", "cannot be combined with id")),
    };
    if precondition != Precondition::None {
        let detail = "speaks of one resource; delete the ratings one by one to use it".to_owned();
        let errors = vec![FieldError {
            field: "If-Match".to_owned(),
            detail,
        }];
        return Err(Rejection::new(StatusCode::BAD_REQUEST, "Header not applicable").errors(errors));
    }
    Ok(Change::DeleteRatings(ids))
}

#[cfg(test)]
mod tests;
